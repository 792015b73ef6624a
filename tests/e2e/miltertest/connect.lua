-- policy: rule "network" { reject = site-policy  if { client-ip = { "198.51.100.0/24", "2001:db8::/32" } } }
-- codes: 550 5.7.1, 550 5.7.1

-- decided at connect, said at HELO
for _, ip in ipairs({ "198.51.100.7", "2001:db8::1" }) do
    conn = mt.connect(socket)
    must("connect", mt.conninfo(conn, "client.example", ip))
    must("helo", mt.helo(conn, "client.example"))
    expect(conn, ip, SMFIR_REPLYCODE)
    mt.disconnect(conn)
end

-- a client without an address
conn = mt.connect(socket)
must("connect", mt.conninfo(conn, "client.example", "unspec"))
must("helo", mt.helo(conn, "client.example"))
expect(conn, "no address", SMFIR_CONTINUE)
mt.disconnect(conn)
