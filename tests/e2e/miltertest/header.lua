-- policy: rule "subject" { reject = subject-refused  if { header:Subject = { "~lottery" } } }
-- policy: rule "body" { defer = content-rejected  if { body = { "~needle" } } }
-- codes: 550 5.7.1, 451 4.6.0

-- what the policy does not need is not asked for
conn = open()
check("unknown commands are not heard", mt.test_option(conn, SMFIP_NOUNKNOWN))
check("nobody waits for headers", mt.test_option(conn, SMFIP_NR_HDR))

must("mail", mt.mailfrom(conn, "<sender@client.example>"))
must("rcpt", mt.rcptto(conn, "<user@server.example>"))
must("header", mt.header(conn, "From", "sender@client.example"))
must("header", mt.header(conn, "Subject", "You won the LOTTERY"))
must("eoh", mt.eoh(conn))
must("eom", mt.eom(conn))
expect(conn, "a header is answered at the end", SMFIR_REPLYCODE)

must("mail", mt.mailfrom(conn, "<sender@client.example>"))
must("rcpt", mt.rcptto(conn, "<user@server.example>"))
must("header", mt.header(conn, "Subject", "hello"))
must("eoh", mt.eoh(conn))
must("body", mt.bodystring(conn, "hay hay needle hay\r\n"))
must("eom", mt.eom(conn))
expect(conn, "a body is answered at the end", SMFIR_REPLYCODE)

must("mail", mt.mailfrom(conn, "<sender@client.example>"))
must("rcpt", mt.rcptto(conn, "<user@server.example>"))
must("header", mt.header(conn, "Subject", "hello"))
must("eoh", mt.eoh(conn))
must("body", mt.bodystring(conn, "hay\r\n"))
must("eom", mt.eom(conn))
expect(conn, "the third message", SMFIR_CONTINUE)
check("nothing was changed", not mt.eom_check(conn, MT_HDRADD) and not mt.eom_check(conn, MT_BODYCHANGE)
    and not mt.eom_check(conn, MT_QUARANTINE))
mt.disconnect(conn)
