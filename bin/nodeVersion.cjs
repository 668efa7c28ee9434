// What an old Node.js has to understand: CommonJS, and no syntax that came after ES5.
'use strict';

var NEEDED = 24;
var REFUSAL = 'chaosgate needs Node.js {needed} or later; this is {version} ({path}).'
  .replace('{needed}', String(NEEDED))
  .replace('{version}', process.version)
  .replace('{path}', process.execPath);

/** What a Node.js that is too old is told; empty for others. */
module.exports = Number(process.versions.node.split('.')[0]) < NEEDED ? REFUSAL : '';
