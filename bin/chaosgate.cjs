#!/usr/bin/env node
// An old Node.js has to understand it: CommonJS, and no syntax that came after ES5.
'use strict';

var refusal = require('./nodeVersion.cjs');
var ADVICE = 'In a checkout, "npm ci" brings it along: run "npm start" or "npx chaosgate".';

if (refusal === '') {
  require('./start.cjs');
} else {
  process.stderr.write([refusal, ADVICE, ''].join('\n'));
  process.exitCode = 1;
}
