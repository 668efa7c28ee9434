export * from '../dist/types/client/client.js';
