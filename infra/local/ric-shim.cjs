'use strict';
// Loaded before aws-lambda-ric. Stands in for its compiled transport (`rapid-client.node`), which npm would have to
// build with a C++ compiler: the same four functions over node:http. Handler loading, context, log format and error
// shapes stay AWS's own code. It also ends the process when the parent is gone.
const http = require('node:http');
const Module = require('node:module');

process.stdin
  .on('end', () => process.exit())
  .on('error', () => process.exit())
  .resume();
// A pipe that is waited for must not keep a runtime alive whose handler has nothing left to wait for.
process.stdin.unref?.();

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const options = { host, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}` };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
      response.on('end', () =>
        resolve({ headers: response.headers, bodyJson: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.on('error', reject).end(body);
  });

let delivered = Promise.resolve();
const client = {
  initializeClient() {},
  // The runtime reports without waiting; its next question comes after the report has arrived.
  async next() {
    await delivered;
    return call('GET', 'next');
  },
  done(id, body) {
    delivered = call('POST', `${id}/response`, body);
  },
  error(id, body) {
    delivered = call('POST', `${id}/error`, body);
  },
};

const load = Module._load;
Module._load = function (request, ...rest) {
  return request === './rapid-client.node' ? client : load.call(this, request, ...rest);
};
