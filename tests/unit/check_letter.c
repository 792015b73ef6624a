/* SPDX-License-Identifier: ISC */
/*
 * The letters that stand in front of bounces: five of them word for word, and the rules of form for
 * every reason in every language.
 */
#include "dragoman/letter.h"

#include <string.h>

#include "dragoman/settings.h"
#include "suites.h"

enum { LINES_MAX = 12, WORDS_MAX = 76, DELAYED_WORDS_MAX = 84, SENTENCE_WORDS_MAX = 20 };

static struct settings *settings;

static void load(void) {
    static const char *const languages[] = {"en", "tr", "de", NULL};
    struct complaints *complaints = complaints_new();
    settings = settings_load_for_enriching(NULL, languages, complaints);
    const struct complaint *complaint = complaints_at(complaints, 0);
    g_autofree char *print = complaint != NULL ? complaint_print(complaint) : NULL;
    ck_assert_msg(complaint == NULL, "%s", print);
    complaints_free(complaints);
}

static void unload(void) {
    settings_free(settings);
}

/* ---- writing one ---- */

struct sample {
    const char *reason;
    const char *recipient;
    bool delayed, inferred, gave_up;
    const char *answer; /* or NULL */
    const char *limit, *size;
    struct letter_date until;
};

static char *write_sample(const struct sample *sample, size_t language) {
    struct explanation explanation = {.certain = !sample->inferred};
    struct letter_block block = {
        .delayed = sample->delayed,
        .gave_up = sample->gave_up,
        .certain = !sample->inferred,
        .explanation = &explanation,
        .transaction = transaction_new(&settings->snapshot->site.limits),
        .server = "example.net",
        .receiver = "example.net",
        .reporter = "mail.example.org",
        .domain = "example.net",
        .limit = sample->limit,
        .size = sample->size,
        .until = sample->until,
    };
    struct letter_answer answer = {"mx.example.net", sample->answer, NULL};
    g_autoptr(GPtrArray) blocks = g_ptr_array_new();
    struct letter letter = {settings->snapshot, "mail.example.org", blocks, &language, 1, 5, 10, 5};

    if (sample->reason != NULL) {
        explanation.reason = catalogue_find(settings->snapshot->catalogue, sample->reason);
        ck_assert_msg(explanation.reason != NULL, "%s", sample->reason);
    }
    block.recipients = g_ptr_array_new();
    g_ptr_array_add(block.recipients, (char *)sample->recipient);
    block.answers = g_array_new(FALSE, FALSE, sizeof answer);
    if (sample->answer != NULL)
        g_array_append_val(block.answers, answer);
    g_ptr_array_add(blocks, &block);
    char *text = letter_write(&letter);
    g_ptr_array_unref(block.recipients);
    g_array_unref(block.answers);
    transaction_free((struct transaction *)block.transaction);
    return text;
}

/* ---- five examples ---- */

enum { ENGLISH, TURKISH, GERMAN, LANGUAGES };

#define ADDED_EN                                                                                   \
    "\nThis explanation was added automatically by mail.example.org.\n"                            \
    "The original report follows unchanged.\n"
#define ADDED_TR                                                                                   \
    "\nBu açıklama mail.example.org tarafından otomatik olarak eklendi.\n"                      \
    "Özgün bildirim aşağıda değiştirilmeden yer alıyor.\n"
#define ADDED_DE                                                                                   \
    "\nDiese Erklärung hat mail.example.org automatisch hinzugefügt.\n"                          \
    "Der ursprüngliche Bericht folgt unverändert.\n"

static const struct {
    struct sample sample;
    const char *text[LANGUAGES];
} examples[] = {
    {{.reason = "mailbox-unknown",
      .recipient = "ayse@example.net",
      .answer = "550 5.1.1 <ayse@example.net>: no such user"},
     {"Your message was not delivered.\n\nRecipient: ayse@example.net\n\n"
      "The server at example.net says that this mailbox does not exist.\n\n"
      "What you can do:\n"
      "- Check the address for typing errors and send the message again.\n"
      "- Type the address anew: a saved address may be out of date.\n"
      "- Ask the recipient for the right address by other means.\n\n"
      "For the administrator:\n"
      "mx.example.net answered: 550 5.1.1 <ayse@example.net>: no such user\n" ADDED_EN,
      "İletiniz teslim edilemedi.\n\nAlıcı: ayse@example.net\n\n"
      "example.net sunucusu böyle bir posta kutusu olmadığını bildirdi.\n\n"
      "Ne yapabilirsiniz:\n"
      "- Adresi yazım hatasına karşı kontrol edip iletiyi yeniden gönderin.\n"
      "- Adresi baştan yazın: kayıtlı adres eskimiş olabilir.\n"
      "- Doğru adresi alıcıya başka bir yoldan sorun.\n\n"
      "Sistem yöneticisi için:\n"
      "mx.example.net yanıtı: 550 5.1.1 <ayse@example.net>: no such user\n" ADDED_TR,
      "Ihre Nachricht wurde nicht zugestellt.\n\nEmpfänger: ayse@example.net\n\n"
      "Der Server example.net meldet, dass es dieses Postfach nicht gibt.\n\n"
      "Was Sie tun können:\n"
      "- Prüfen Sie die Adresse auf Tippfehler und senden Sie die Nachricht\n"
      "  noch einmal.\n"
      "- Tippen Sie die Adresse neu ein: Eine gespeicherte kann veraltet\n"
      "  sein.\n"
      "- Fragen Sie den Empfänger auf anderem Weg nach der richtigen\n"
      "  Adresse.\n\n"
      "Für den Mail-Administrator:\n"
      "mx.example.net antwortete: 550 5.1.1 <ayse@example.net>: no such user\n" ADDED_DE}},
    {{.reason = "mailbox-full", .recipient = "mehmet@example.net"},
     {"Your message was not delivered.\n\nRecipient: mehmet@example.net\n\n"
      "The recipient's mailbox is full and cannot take new messages.\n\n"
      "What you can do:\n"
      "- Tell the recipient by other means that the mailbox is full.\n"
      "- Send the message again once there is room.\n"
      "Only the recipient or the recipient's administrator can make room.\n" ADDED_EN,
      "İletiniz teslim edilemedi.\n\nAlıcı: mehmet@example.net\n\n"
      "Alıcının posta kutusu dolu; yeni ileti alamıyor.\n\n"
      "Ne yapabilirsiniz:\n"
      "- Posta kutusunun dolu olduğunu alıcıya başka bir yoldan bildirin.\n"
      "- Yer açıldıktan sonra iletiyi yeniden gönderin.\n"
      "Yeri yalnızca alıcı ya da onun sistem yöneticisi açabilir.\n" ADDED_TR,
      "Ihre Nachricht wurde nicht zugestellt.\n\nEmpfänger: mehmet@example.net\n\n"
      "Das Postfach des Empfängers ist voll und kann keine neuen Nachrichten\n"
      "aufnehmen.\n\n"
      "Was Sie tun können:\n"
      "- Sagen Sie dem Empfänger auf anderem Weg: Das Postfach ist voll.\n"
      "- Senden Sie die Nachricht noch einmal, sobald Platz ist.\n"
      "Nur der Empfänger oder sein Mail-Administrator kann Platz schaffen.\n" ADDED_DE}},
    {{.reason = "client-blocklisted", .recipient = "info@example.net"},
     {"Your message was not delivered.\n\nRecipient: info@example.net\n\n"
      "At present the server at example.net does not accept mail from the\n"
      "sending server, mail.example.org: its address is on a reputation\n"
      "list. This is not about you or the content of your message.\n\n"
      "What you can do:\n"
      "- Pass this message on to your own administrator, who can have the\n"
      "  entry checked. Sending again will not help before that.\n"
      "- If it is urgent, reach the recipient by other means.\n" ADDED_EN,
      "İletiniz teslim edilemedi.\n\nAlıcı: info@example.net\n\n"
      "Gönderen sunucunun (mail.example.org) adresi bir itibar listesinde\n"
      "yer alıyor. Bu nedenle example.net sunucusu şu anda o sunucudan gelen\n"
      "iletileri kabul etmiyor. Bunun sizinle ya da iletinizin içeriğiyle\n"
      "ilgisi yoktur.\n\n"
      "Ne yapabilirsiniz:\n"
      "- Bu iletiyi kendi sistem yöneticinize aktarın; liste kaydını o\n"
      "  inceletebilir. Ondan önce yeniden göndermek yarar sağlamaz.\n"
      "- Acilse alıcıya başka bir yoldan ulaşın.\n" ADDED_TR,
      "Ihre Nachricht wurde nicht zugestellt.\n\nEmpfänger: info@example.net\n\n"
      "Der Server example.net nimmt vom sendenden Server (mail.example.org)\n"
      "zurzeit keine E-Mails an: Dessen Adresse steht auf einer Sperrliste.\n"
      "Mit Ihnen oder dem Inhalt Ihrer Nachricht hat das nichts zu tun.\n\n"
      "Was Sie tun können:\n"
      "- Leiten Sie diese Nachricht an Ihren eigenen Mail-Administrator\n"
      "  weiter; er kann den Eintrag prüfen lassen. Vorher hilft es nicht,\n"
      "  noch einmal zu senden.\n"
      "- Wenn es eilt, wenden Sie sich auf anderem Weg an den Empfänger.\n" ADDED_DE}},
    {{.reason = "message-too-big",
      .recipient = "arsiv@example.net",
      .limit = "25000000",
      .size = "31000000"},
     {"Your message was not delivered.\n\nRecipient: arsiv@example.net\n\n"
      "The message is larger than the server at example.net accepts.\n"
      "Size of your message: 31 MB. Limit stated by that server: 25 MB.\n\n"
      "What you can do:\n"
      "- Send smaller or fewer attachments, or several messages.\n"
      "- Put large files on a file sharing service and send the link.\n"
      "An attachment grows by about a third when it is sent.\n" ADDED_EN,
      "İletiniz teslim edilemedi.\n\nAlıcı: arsiv@example.net\n\n"
      "İleti, example.net sunucusunun kabul ettiği boyuttan büyük.\n"
      "İletinizin boyutu: 31 MB. Sunucunun bildirdiği sınır: 25 MB.\n\n"
      "Ne yapabilirsiniz:\n"
      "- Daha küçük ya da daha az ek gönderin veya iletiyi birkaç parçaya\n"
      "  bölün.\n"
      "- Büyük dosyaları bir dosya paylaşım hizmetine koyup bağlantıyı\n"
      "  gönderin.\n"
      "Ekler gönderilirken yaklaşık üçte bir oranında büyür.\n" ADDED_TR,
      "Ihre Nachricht wurde nicht zugestellt.\n\nEmpfänger: arsiv@example.net\n\n"
      "Die Nachricht ist größer, als der Server example.net zulässt.\n"
      "Größe Ihrer Nachricht: 31 MB. Vom Server genanntes Limit: 25 MB.\n\n"
      "Was Sie tun können:\n"
      "- Senden Sie kleinere oder weniger Anhänge oder mehrere Nachrichten.\n"
      "- Laden Sie große Dateien bei einem Dienst für Dateiaustausch hoch\n"
      "  und senden Sie den Link.\n"
      "Ein Anhang wird beim Senden etwa um ein Drittel größer.\n" ADDED_DE}},
    {{.reason = "rate-limited",
      .recipient = "liste@example.net",
      .delayed = true,
      .until = {27, 11, 2026}},
     {"Your message is delayed. You do not need to send it again.\n\n"
      "Recipient: liste@example.net\n\n"
      "The server at example.net accepts only a limited number of messages\n"
      "in a given time. The server mail.example.org keeps trying until\n"
      "27 November 2026.\n\n"
      "What you can do:\n"
      "- Nothing for now. You will be told if delivery fails for good.\n"
      "- If it is urgent, reach the recipient by other means.\n" ADDED_EN,
      "İletinizin teslimi gecikiyor. Yeniden göndermeniz gerekmez.\n\n"
      "Alıcı: liste@example.net\n\n"
      "example.net sunucusu belirli bir sürede yalnızca sınırlı sayıda ileti\n"
      "kabul ediyor. mail.example.org sunucusu 27 Kasım 2026 tarihine kadar\n"
      "yeniden deneyecek.\n\n"
      "Ne yapabilirsiniz:\n"
      "- Şimdilik bir şey yapmanız gerekmez. Teslim kesin olarak başarısız\n"
      "  olursa size bildirilecek.\n"
      "- Acilse alıcıya başka bir yoldan ulaşın.\n" ADDED_TR,
      "Ihre Nachricht verspätet sich. Sie müssen sie nicht erneut senden.\n\n"
      "Empfänger: liste@example.net\n\n"
      "Der Server example.net nimmt in einer bestimmten Zeit nur eine\n"
      "begrenzte Zahl von Nachrichten an. Der Server mail.example.org\n"
      "versucht es bis zum 27. November 2026 weiter.\n\n"
      "Was Sie tun können:\n"
      "- Vorerst nichts. Sie werden benachrichtigt, wenn die Zustellung\n"
      "  endgültig scheitert.\n"
      "- Wenn es eilt, wenden Sie sich auf anderem Weg an den Empfänger.\n" ADDED_DE}},
};

START_TEST(test_examples_word_for_word) {
    for (size_t language = ENGLISH; language < LANGUAGES; language++) {
        g_autofree char *text = write_sample(&examples[_i].sample, language);
        ck_assert_str_eq(text, examples[_i].text[language]);
    }
}
END_TEST

START_TEST(test_a_line_whose_figures_are_not_known_is_left_out) {
    struct sample sample = {.reason = "message-too-big", .recipient = "a@example.net"};
    g_autofree char *none = write_sample(&sample, ENGLISH);
    ck_assert_ptr_null(strstr(none, "Limit"));
    ck_assert_ptr_null(strstr(none, "Size"));
    sample.limit = "10485760";
    g_autofree char *limit = write_sample(&sample, TURKISH);
    ck_assert_ptr_nonnull(strstr(limit, "\nSunucunun bildirdiği sınır: 10 MB.\n"));
    sample.size = "1234567";
    g_autofree char *both = write_sample(&sample, TURKISH);
    ck_assert_ptr_nonnull(strstr(both, "\nİletinizin boyutu: 1,2 MB. Sunucunun"));
}
END_TEST

START_TEST(test_what_is_inferred_says_so) {
    struct sample sample = {.reason = "mailbox-full",
                            .recipient = "a@example.net",
                            .inferred = true,
                            .answer = "550 x"};
    g_autofree char *english = g_strdelimit(write_sample(&sample, ENGLISH), "\n", ' ');
    g_autofree char *turkish = g_strdelimit(write_sample(&sample, TURKISH), "\n", ' ');
    g_autofree char *german = g_strdelimit(write_sample(&sample, GERMAN), "\n", ' ');
    ck_assert_ptr_nonnull(strstr(english, " The server at example.net refused the message. This "
                                          "usually means that the recipient's mailbox is full. "));
    ck_assert_ptr_nonnull(strstr(turkish, " example.net sunucusu iletiyi reddetti. Bu genellikle "
                                          "alıcının posta kutusunun dolu olduğu anlamına gelir. "));
    ck_assert_ptr_nonnull(strstr(german, " Der Server example.net hat die Nachricht abgewiesen. "
                                         "Meist bedeutet das, dass das Postfach des Empfängers "
                                         "voll ist. "));
}
END_TEST

START_TEST(test_nothing_is_guessed_where_nothing_is_known) {
    struct sample sample = {.recipient = "a@example.net", .answer = "550 whatever"};
    g_autofree char *english = write_sample(&sample, ENGLISH);
    ck_assert_ptr_nonnull(strstr(english, "\nThe report does not say why "));
    ck_assert_ptr_nonnull(strstr(english, "\nmx.example.net answered: 550 whatever\n"));
}
END_TEST

START_TEST(test_a_reason_without_a_letter_says_what_its_reply_says) {
    struct sample sample = {.reason = "queue-run-refused", .recipient = "a@example.net"};
    g_autofree char *english = g_strdelimit(write_sample(&sample, ENGLISH), "\n", ' ');
    g_autofree char *german = g_strdelimit(write_sample(&sample, GERMAN), "\n", ' ');
    ck_assert_ptr_nonnull(strstr(english, " does not send its queue on request (ETRN). "));
    ck_assert_ptr_nonnull(strstr(german, " Was Sie tun können: - Leiten Sie diese Nachricht an "));
}
END_TEST

START_TEST(test_other_servers_words_are_made_harmless) {
    struct sample sample = {.reason = "mailbox-full",
                            .recipient = "a\n\nEvil: b@example.net",
                            .answer = "550 \x1b[31mred\r\n\r\nnew \xe2\x80\xae line \xff"};
    g_autofree char *text = write_sample(&sample, ENGLISH);
    ck_assert_ptr_nonnull(strstr(text, "\nRecipient: a??Evil: b@example.net\n"));
    ck_assert_ptr_nonnull(strstr(text, "answered: 550 ?[31mred????new "));
    ck_assert(g_utf8_validate(text, -1, NULL));
    ck_assert_ptr_null(strpbrk(text, "\r\x1b"));
}
END_TEST

/* ---- the rules of form ---- */

static size_t count_words(const char *text) {
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
    size_t count = 0;
    for (char **word = words; *word != NULL; word++)
        count += **word != '\0' && strcmp(*word, "-") != 0;
    return count;
}

/* All faults of all texts in one run. */
static GString *faults;

#define require(good, ...)                                                                         \
    do {                                                                                           \
        if (!(good))                                                                               \
            g_string_append_printf(faults, __VA_ARGS__);                                           \
    } while (0)

static void check_lines(const char *text, size_t words_max, const char *what) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    unsigned filled = 0;
    for (char **line = lines; *line != NULL; line++) {
        filled += **line != '\0';
        require(g_utf8_strlen(*line, -1) <= LETTER_COLUMNS_MAX, "%s: %s\n", what, *line);
        require(!g_str_has_suffix(*line, " "), "%s: \"%s\"\n", what, *line);
    }
    require(filled <= LINES_MAX, "%s: %u lines\n%s", what, filled, text);
    require(count_words(text) <= words_max, "%s: %zu words\n%s", what, count_words(text), text);
}

/* A sentence ends at a stop in front of a blank or line end, a step at its line. */
static void check_sentences(const char *text, const char *what) {
    g_autoptr(GString) flat = g_string_new(text);
    g_string_replace(flat, "\n\n", ". ", 0);
    g_string_replace(flat, "\n- ", ". ", 0);
    g_string_replace(flat, "\n", " ", 0);
    for (const char *mark = ".:;"; *mark != '\0'; mark++) {
        const char blank[] = {*mark, ' ', '\0'};
        g_string_replace(flat, blank, "\n", 0);
    }
    g_auto(GStrv) sentences = g_strsplit(flat->str, "\n", -1);
    for (char **sentence = sentences; *sentence != NULL; sentence++)
        require(count_words(*sentence) <= SENTENCE_WORDS_MAX, "%s: %s\n", what, *sentence);
}

static void check_words(const char *text, const char *what) {
    static const char *const never[] = {"!",
                                        "unfortunately",
                                        "please note",
                                        "invalid user",
                                        "illegal",
                                        "you sent spam",
                                        "http",
                                        "www.",
                                        "sorry",
                                        "thank",
                                        "will be delivered",
                                        "maalesef",
                                        "Sayın",
                                        "üzgün",
                                        "teşekkür",
                                        "parola",
                                        "şifreniz",
                                        "password",
                                        "click",
                                        "mesaj",
                                        "limit ",
                                        "gönderici",
                                        "email",
                                        "leider",
                                        "beachten Sie",
                                        "Sehr geehrte",
                                        "Entschuldigung",
                                        "Dank",
                                        "Passwort",
                                        "Kennwort",
                                        "klicken",
                                        "ungültig",
                                        "wird zugestellt"};
    g_autofree char *folded = g_utf8_casefold(text, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(never); i++) {
        g_autofree char *word = g_utf8_casefold(never[i], -1);
        require(strstr(folded, word) == NULL, "%s: \"%s\" in\n%s", what, never[i], text);
    }
}

/* Before the part for the administrator, which is none here, and who wrote it. */
static char *own_part(const struct sample *sample, size_t language) {
    static const char *const ends[LANGUAGES] = {"\nThis explanation", "\nBu açıklama",
                                                "\nDiese Erklärung"};
    char *text = write_sample(sample, language);
    char *end = strstr(text, ends[language]);
    ck_assert_msg(end != NULL, "%s", text);
    *end = '\0';
    return text;
}

static void check_form(const struct sample *sample) {
    for (size_t language = ENGLISH; language < LANGUAGES; language++) {
        g_autofree char *text = own_part(sample, language);
        g_autofree char *what = g_strdup_printf("%s (%zu)", sample->reason, language);
        check_lines(text, sample->delayed ? DELAYED_WORDS_MAX : WORDS_MAX, what);
        check_sentences(text, what);
        check_words(text, what);
        ck_assert_msg(strchr(text, '{') == NULL && strstr(text, "[[") == NULL, "%s", text);
    }
}

START_TEST(test_every_reason_keeps_to_the_form) {
    const struct letter_language *english =
        letter_book_at(settings->snapshot->site.bounces.letters, ENGLISH);
    GHashTableIter iterator;
    gpointer id;
    faults = g_string_new(NULL);
    g_hash_table_iter_init(&iterator, english->by_id);
    while (g_hash_table_iter_next(&iterator, &id, NULL)) {
        struct sample sample = {.reason = id, .recipient = "ayse@example.net"};
        check_form(&sample);
        sample.inferred = true;
        check_form(&sample);
        sample.inferred = false;
        sample.delayed = true;
        sample.until = (struct letter_date){27, 11, 2026};
        check_form(&sample);
    }
    ck_assert_msg(faults->len == 0, "%s", faults->str);
    g_string_free(faults, TRUE);
}
END_TEST

/* ETRN asks a server for its queue: no message is bounced for that. */
static bool is_in_no_bounce(const struct reason *reason) {
    return g_str_has_prefix(reason->id, "queue-run-");
}

/* Whatever a bounce can be explained with has a letter in every language. */
START_TEST(test_no_reason_is_forgotten) {
    const struct letter_book *book = settings->snapshot->site.bounces.letters;
    const GPtrArray *rules = settings->snapshot->policy->rules[STAGE_REPLY];
    ck_assert_uint_gt(rules->len, 200);
    for (guint i = 0; i < rules->len; i++) {
        const struct rule *rule = rules->pdata[i];
        for (size_t language = ENGLISH; language < LANGUAGES; language++)
            ck_assert_msg(
                is_in_no_bounce(rule->reason) ||
                    g_hash_table_contains(letter_book_at(book, language)->by_id, rule->reason->id),
                "%s has no explanation in %s", rule->reason->id,
                letter_book_at(book, language)->tag);
    }
}
END_TEST

/* Neither ending nor apostrophe: vowel harmony cannot be known in advance. */
START_TEST(test_nothing_is_joined_to_a_value) {
    static const char *const files[] = {"en", "tr", "de"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path =
            g_strdup_printf("%s/../../etc/letters/%s.conf", TEST_DATA, files[i]);
        g_autofree char *text = NULL;
        ck_assert(g_file_get_contents(path, &text, NULL, NULL));
        for (const char *at = strchr(text, '}'); at != NULL; at = strchr(at + 1, '}')) {
            gunichar next = g_utf8_get_char(at + 1);
            ck_assert_msg(!g_unichar_isalnum(next) && next != '\'' && next != 0x2019, "%s: %.40s",
                          files[i], at);
        }
    }
}
END_TEST

/* ---- what `dragoman check` says of a site's own letters ---- */

static char *complaints_about(const char *letters) {
    g_autofree char *folder = g_dir_make_tmp("dragoman-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "main.conf", NULL);
    g_autofree char *own = g_build_filename(folder, "own.conf", NULL);
    struct complaints *complaints = complaints_new();
    GString *all = g_string_new(NULL);
    ck_assert(g_file_set_contents(
        file, "bounces { enrich = yes languages = { \"en\", \"tr\" } letter-files = \"own.conf\" }",
        -1, NULL));
    ck_assert(g_file_set_contents(own, letters, -1, NULL));
    settings_free(settings_load(file, SETTINGS_POLICY, complaints));
    for (size_t i = 0; complaints_at(complaints, i) != NULL; i++)
        g_string_append_printf(all, "%s\n", complaints_at(complaints, i)->text);
    complaints_free(complaints);
    remove(file);
    remove(own);
    remove(folder);
    return g_string_free(all, FALSE);
}

static const struct {
    const char *letters, *complaint;
} slips[] = {
    {"language = \"en\"\nexplanation \"mailbox-ful\" { why = \"x\" inferred = \"y\" }\n",
     "there is no reason \"mailbox-ful\" to explain; did you mean \"mailbox-full\"?"},
    {"language = \"en\"\nexplanation \"mailbox-full\" { why = \"x\" }\n",
     "explanation \"mailbox-full\" has no `inferred`; write one"},
    {"language = \"tr\"\nexplanation \"mailbox-unknown\" { why = \"{sever}\" inferred = \"y\" }\n",
     "`why` uses the unknown parameter {sever}"},
    {"language = \"tr\"\nexplanation \"mailbox-unknown\" { why = \"x\" inferred = \"y\" steps = {"
     "\"a\", \"b\", \"c\" } }\n",
     "`why` lacks {server}, which it has in another language"},
    {"language = \"tr\"\nexplanation \"mailbox-full\" { why = \"x\" inferred = \"y\" }\n",
     "this explanation has other parts than the one in \"en\""},
    {"language = \"en\"\nadvice \"sendr\" { steps = \"x\" }\n",
     "there is no advice \"sendr\"; did you mean \"sender\"?"},
    {"language = \"en\"\nframe { failed = \"{recipient\" }\n", "a brace is open"},
    {"language = \"en\"\nmonths = { \"January\" }\n", "names 1 months; name 12"},
    {"explanation \"mailbox-full\" { why = \"x\" inferred = \"y\" }\n",
     "does not say its language"},
};

START_TEST(test_slips_are_named) {
    g_autofree char *all = complaints_about(slips[_i].letters);
    ck_assert_msg(strstr(all, slips[_i].complaint) != NULL, "%s: %s", slips[_i].complaint, all);
}
END_TEST

START_TEST(test_a_good_file_of_the_site_is_taken) {
    g_autofree char *all = complaints_about(
        "language = \"eo\"\n"); /* a language that the site does not use is passed over */
    ck_assert_str_eq(all, "");
}
END_TEST

Suite *letter_suite(void) {
    Suite *suite = suite_create("letter");
    TCase *letters = tcase_create("letters"), *form = tcase_create("form"),
          *check = tcase_create("check");
    tcase_add_checked_fixture(letters, load, unload);
    tcase_add_loop_test(letters, test_examples_word_for_word, 0, G_N_ELEMENTS(examples));
    tcase_add_test(letters, test_a_line_whose_figures_are_not_known_is_left_out);
    tcase_add_test(letters, test_what_is_inferred_says_so);
    tcase_add_test(letters, test_nothing_is_guessed_where_nothing_is_known);
    tcase_add_test(letters, test_a_reason_without_a_letter_says_what_its_reply_says);
    tcase_add_test(letters, test_other_servers_words_are_made_harmless);
    suite_add_tcase(suite, letters);
    tcase_add_checked_fixture(form, load, unload);
    tcase_add_test(form, test_every_reason_keeps_to_the_form);
    tcase_add_test(form, test_no_reason_is_forgotten);
    tcase_add_test(form, test_nothing_is_joined_to_a_value);
    suite_add_tcase(suite, form);
    tcase_add_loop_test(check, test_slips_are_named, 0, G_N_ELEMENTS(slips));
    tcase_add_test(check, test_a_good_file_of_the_site_is_taken);
    suite_add_tcase(suite, check);
    return suite;
}
