-- What the scripts share. Variables given with -D: socket.

-- miltertest itself does not say what went wrong
function fail(why)
    io.stderr:write(why .. "\n")
    error(why)
end

function must(what, problem)
    if problem ~= nil then
        fail(what .. ": " .. tostring(problem))
    end
end

function expect(conn, what, reply)
    local got = mt.getreply(conn)
    if got ~= reply then
        fail(string.format("%s: the answer is %s, not %s", what,
            string.char(got), string.char(reply)))
    end
end

function open(ip)
    local conn = mt.connect(socket)
    if conn == nil then
        fail("no connection to " .. socket)
    end
    must("connect", mt.conninfo(conn, "client.example", ip or "192.0.2.1"))
    must("helo", mt.helo(conn, "client.example"))
    return conn
end

function check(what, condition)
    if not condition then
        fail(what)
    end
end
