import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { GenerateOptions, ModelRequest } from '../../../src/model/request/request.ts'

const { signal } = new AbortController()
const REQUEST: ModelRequest = { task: { kind: 'write' }, documents: [], instruction: 'Go.' }
export const TOOLS = [{ name: 'weather', description: 'The weather.', schema: { type: 'object', properties: {} } }]

/** A model at a server that always sends this body, in pieces of so many bytes, with this status. */
export async function answering(
  body: string | object,
  type = 'application/json',
  config: ProviderConfig = { type: 'openai-compatible' },
  piece = Number.POSITIVE_INFINITY,
  status = 200,
) {
  let asked = 0
  const bodies: { readonly [field: string]: unknown }[] = []
  const server = createServer((request, response) => {
    asked++
    const sent: Buffer[] = []
    request
      .on('data', (piece: Buffer) => sent.push(piece))
      .on('end', () => {
        bodies.push(JSON.parse(Buffer.concat(sent).toString()))
        response.writeHead(status, { 'content-type': type })
        const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
        for (let at = 0; at < bytes.length; at += piece) response.write(bytes.subarray(at, at + piece))
        response.end()
      })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const models = createModels(
    { model: 'lab/small', providers: { lab: { ...config, baseURL, keyEnv: 'K' } } },
    { K: 'sk-12345678' },
  )
  return {
    asked: () => asked,
    bodies,
    close: () => new Promise((done) => server.close(done).closeAllConnections()),
    generate: (request: Partial<ModelRequest> = {}, options: Partial<GenerateOptions> = {}) =>
      models.generate({ ...REQUEST, ...request }, { signal, ...options }),
  }
}
