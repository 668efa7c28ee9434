#!/usr/bin/env node
// The one file that an old Node.js has to understand: CommonJS, and no syntax that came after ES5.
'use strict';

var NEEDED = 24;
var REFUSAL = [
  'chaosgate needs Node.js {needed} or later; this is {version} ({path}).',
  'In a checkout, "npm ci" brings it along: run "npm start" or "npx chaosgate".\n',
]
  .join('\n')
  .replace('{needed}', String(NEEDED))
  .replace('{version}', process.version)
  .replace('{path}', process.execPath);

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  process.stderr.write(REFUSAL);
  process.exitCode = 1;
} else {
  require('./start.cjs');
}
