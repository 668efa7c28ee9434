// Before all else, so that an old Node.js does not fail somewhere inside of a dependency. It has to understand this file.
'use strict';

var refusal = require('../bin/nodeVersion.cjs');

if (refusal !== '') throw new Error(refusal);
