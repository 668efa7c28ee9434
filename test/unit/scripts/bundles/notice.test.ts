import { expect, test } from 'vitest';
import { noticeText } from '../../../../scripts/bundles/notice.ts';

const mit = { version: '1.0.0', license: 'MIT', author: '' };

test('packages of one text share it, however its lines are broken', () => {
  const notice = noticeText([
    { ...mit, name: 'a', texts: ['May be\ncopied'] },
    { ...mit, name: 'b', texts: ['May be sold'] },
    { ...mit, name: 'c', texts: ['May  be copied'] },
  ]);
  expect(notice).toContain('\na 1.0.0 (MIT)\nc 1.0.0 (MIT)\n\nMay be\ncopied\n');
  expect(notice).toContain('\nb 1.0.0 (MIT)\n\nMay be sold\n');
});

test('a package that comes without a text is reported, with its author', () => {
  const notice = noticeText([{ ...mit, name: 'a', author: 'Ann', texts: [] }]);
  expect(notice).toContain(
    'a comes without a text. Its licence, by Ann: https://spdx.org/licenses/MIT.html',
  );
});
