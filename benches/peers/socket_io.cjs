// The socket.io server of the comparison: rooms and acknowledgements, nothing is kept.
// node socket_io.cjs PORT DIRECTORY; socket.io is installed in the directory.
const { createRequire } = require("node:module");
const { createServer } = require("node:http");
const { Server } = createRequire(`${process.argv[3]}/`)("socket.io");

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false, perMessageDeflate: false });

io.on("connection", (socket) => {
  socket.on("enter", (rooms, done) => {
    rooms.forEach((room) => socket.join(room));
    done();
  });
  socket.on("post", (room, text, done) => {
    socket.to(room).emit("message", text);
    done();
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
