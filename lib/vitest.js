import './checkNode.cjs';

export * from '../dist/vitest.js';
