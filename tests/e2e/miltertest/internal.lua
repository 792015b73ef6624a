-- policy: rule "policy" { stage = eom  reject = site-policy  with = { "purpose=test mail" } }
-- codes: 550 5.7.1, 550 5.7.1
-- Who has logged in is told more than a stranger. miltertest does not tell the words of a
-- reply; the test looks them up in another way.

conn = open()
must("mail", mt.mailfrom(conn, "<stranger@client.example>"))
must("eom", mt.eom(conn))
expect(conn, "a stranger", SMFIR_REPLYCODE)
mt.disconnect(conn)

conn = open()
must("macro", mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "ayse", "{auth_type}", "PLAIN"))
must("mail", mt.mailfrom(conn, "<ayse@server.example>"))
must("eom", mt.eom(conn))
expect(conn, "one of us", SMFIR_REPLYCODE)
mt.disconnect(conn)
