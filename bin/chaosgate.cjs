#!/usr/bin/env node
// An old Node.js has to understand it: CommonJS, and no syntax that came after ES5.
'use strict';

var refusal = require('./nodeVersion.cjs');
var ADVICE =
  'npm can bring it: run "npm ci" in a checkout, "npm install --save-dev node@24" elsewhere. Then run "npx chaosgate".';

if (refusal === '') {
  require('./start.cjs');
} else {
  process.stderr.write([refusal, ADVICE, ''].join('\n'));
  process.exitCode = 1;
}
