// SPDX-License-Identifier: Apache-2.0
// A judge: the HTTP server of Node. Arguments: address, port.
'use strict';
const crypto = require('crypto');
const http = require('http');

const server = http.createServer((request, response) => {
  const hash = crypto.createHash('sha1');
  request.on('data', (piece) => hash.update(piece));
  request.on('end', () => {
    const seen = `${request.method} ${request.url} ${request.headers.host || '-'} ${hash.digest('hex')}`;
    response.writeHead(200, { 'X-Seen': seen, 'Content-Length': '0' });
    response.end();
  });
});
server.keepAliveTimeout = 600000;
server.maxRequestsPerSocket = 0;
server.listen(Number(process.argv[3]), process.argv[2]);
