import { parentPort } from 'node:worker_threads'
import { serve } from '../../../src/http/server/serve.ts'

// A server that refuses each request without a look at its body.

const { port } = await serve({ fetch: () => Response.json({}, { status: 413 }) }, { host: '127.0.0.1', port: 0 })
parentPort!.postMessage(port)
