-- policy: rule "policy" { stage = eom  reject = site-policy  with = { "purpose=test mail" } }
-- codes: 550 5.7.1, 550 5.7.1
-- Who has logged in is told more than a stranger. miltertest keeps the words of a reply
-- only at the end of a message, so the policy speaks there.

conn = open()
must("mail", mt.mailfrom(conn, "<stranger@client.example>"))
must("eom", mt.eom(conn))
expect(conn, "a stranger", SMFIR_REPLYCODE)
check("few words", mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1", STRANGER))
mt.disconnect(conn)

conn = open()
must("macro", mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "ayse", "{auth_type}", "PLAIN"))
must("mail", mt.mailfrom(conn, "<ayse@server.example>"))
must("eom", mt.eom(conn))
expect(conn, "one of us", SMFIR_REPLYCODE)
check("more words", mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1", USER))
mt.disconnect(conn)
