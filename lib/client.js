import './checkNode.cjs';

export * from '../dist/client.js';
