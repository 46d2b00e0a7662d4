import { createServer } from 'node:net';

// The exchange as cheap as it can be, in a process of its own: it acknowledges at once whatever it is sent and shows every
// order as filled, in fixed words. It reads no more of a request than its first line; no request here has a body.
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json;charset=utf-8\r\n';
const SOL = { symbol: 'SOLUSDT', price: '142.5' };
const NOT_SERVED = JSON.stringify({ code: 404, msg: 'not served here' });

const parameter = (target: string, name: string): string => {
  const from = target.indexOf(`${name}=`);
  if (from < 0) return '';
  const to = target.indexOf('&', from);
  return target.slice(from + name.length + 1, to < 0 ? undefined : to);
};

const acknowledgement = (target: string): string => {
  const type = parameter(target, 'type');
  const orderId = `C02__${parameter(target, 'newClientOrderId')}`;
  return `{"symbol":"SOLUSDT","orderId":"${orderId}","orderListId":-1,"price":"142.5","origQty":"1.5","type":"${type}","side":"BUY","transactTime":${Date.now()}}`;
};

const order = (target: string) => {
  const clientOrderId = parameter(target, 'origClientOrderId');
  return {
    ...SOL,
    orderId: `C02__${clientOrderId}`,
    clientOrderId,
    origQty: '0.03508',
    executedQty: '0.03508',
    cummulativeQuoteQty: '4.9989',
    origQuoteOrderQty: '5',
    status: 'FILLED',
    type: 'MARKET',
    side: 'BUY',
    time: Date.now(),
    updateTime: Date.now(),
  };
};

const trades = (target: string) => {
  const orderId = parameter(target, 'orderId');
  return [
    {
      ...SOL,
      id: `T${orderId}`,
      orderId,
      qty: '0.03508',
      quoteQty: '4.9989',
      commission: '0.0025',
      commissionAsset: 'USDT',
      time: Math.floor(Date.now() / 1000) * 1000,
      isBuyer: true,
      isMaker: false,
    },
  ];
};

const answerTo = (method: string, target: string): string => {
  const path = target.split('?', 1)[0];
  if (path === '/api/v3/order')
    return method === 'POST' ? acknowledgement(target) : JSON.stringify(order(target));
  if (path === '/api/v3/myTrades') return JSON.stringify(trades(target));
  if (path === '/api/v3/time') return `{"serverTime":${Date.now()}}`;
  return NOT_SERVED;
};

const server = createServer((socket) => {
  let heard = '';
  socket.setNoDelay(true).setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (text) => {
    heard += text;
    for (let end = heard.indexOf('\r\n\r\n'); end >= 0; end = heard.indexOf('\r\n\r\n')) {
      const [method = '', target = ''] = heard.slice(0, heard.indexOf('\r\n')).split(' ');
      heard = heard.slice(end + 4);
      const body = answerTo(method, target);
      socket.write(`${HEAD}content-length: ${body.length}\r\n\r\n${body}`);
    }
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}`);
});
// Whoever started it ends it by closing its standard input.
process.stdin.on('end', () => process.exit()).resume();
