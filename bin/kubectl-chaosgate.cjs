#!/usr/bin/env node
// What `kubectl chaosgate` runs, where it is on PATH (https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/).
'use strict';

require('./chaosgate.cjs');
