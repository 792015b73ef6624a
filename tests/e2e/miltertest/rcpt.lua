-- policy: rule "nobody" { reject = mailbox-unknown  if { recipient = { "nobody@server.example" } } }
-- policy: rule "later" { defer = policy-deferral  if { recipient = { "later@server.example" } } }
-- codes: 550 5.1.1, 450 4.7.1

conn = open()
must("mail", mt.mailfrom(conn, "<sender@client.example>"))
must("rcpt", mt.rcptto(conn, "<user@server.example>"))
expect(conn, "a good recipient", SMFIR_CONTINUE)
must("rcpt", mt.rcptto(conn, "<nobody@server.example>"))
expect(conn, "an unknown one", SMFIR_REPLYCODE)
must("rcpt", mt.rcptto(conn, "<later@server.example>"))
expect(conn, "a deferred one", SMFIR_REPLYCODE)
must("rcpt", mt.rcptto(conn, "<ayse@server.example>"))
expect(conn, "another good one", SMFIR_CONTINUE)
must("eom", mt.eom(conn))
expect(conn, "the message", SMFIR_CONTINUE)
mt.disconnect(conn)
