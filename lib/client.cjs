// For `require`. An old Node.js has to understand it: no syntax that came after ES5.
'use strict';

require('./checkNode.cjs');

module.exports = require('../dist/client.cjs');
