dist_man_MANS += man/dragoman.1 man/dragoman.conf.5 man/dragomand.8
