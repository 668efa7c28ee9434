import { describe, expect, test } from 'vitest';
import { IDENTITY, proxyFolders } from './support/folders.ts';
import { startProxy, TestLink } from './support/proxy.ts';
import { TestServer } from './support/server.ts';
import { stays, until } from './support/time.ts';

describe('a control link', () => {
  test('that is closed before it is connected stays closed', async () => {
    const proxy = await startProxy();
    for (const turns of [0, 1, 2, 3, 5, 10, 20]) {
      const link = proxy.link();
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      link.link.close();
      const { report } = link.state;
      await stays('closed', () => link.state.report === report, 50);
    }
  });

  test('that is closed does not leave its connection to a proxy that keeps silent', async () => {
    const server = await TestServer.listen();
    const { key } = await proxyFolders();
    const link = new TestLink(server.port, key, IDENTITY);
    const end = await server.accept();
    link.link.close();
    await until('its end', () => !end.isUntouched);
    await stays('no other', () => server.count === 1, 300);
    expect(link.errors).toEqual([]);
  });
});
