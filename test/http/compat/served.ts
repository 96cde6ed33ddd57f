import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Config, loadConfig } from '../../../src/config/config.ts'
import type { KeyScope } from '../../../src/house/scope.ts'
import type { Caller } from '../../../src/http/authorize/caller.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { serve } from '../../../src/http/server/serve.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { type ScriptFor, scriptFor } from '../../chain/fixture.ts'

export const THREAD = '7f4df1a0-3c62-4f5e-9d1b-2a5f0c7e8b11'
export const OTHER_THREAD = '0d2f7c52-93f0-4d8e-8f6e-64b1f5a3c001'

/** One event as it came: its id, its name, and its data, which is JSON but for the last. */
export type Frame = {
  readonly id?: string
  readonly event?: string
  readonly data: { readonly [name: string]: unknown } | '[DONE]'
}

/** A runtime with a scripted model, served on the network; whoever asks needs a key. */
export async function openServed(
  script: ScriptFor = {},
  others: { readonly [id: string]: ScriptFor } = {},
  more: Pick<Config, 'ledger'> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-postchain-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const notes = join(folder, 'moon.md')
  writeFileSync(notes, '# Moon\n\nThe moon is made of basalt.\n\nIt has no air.\n')
  const models = Object.entries({ 'scripted/model': script, ...others }).map(([id, turns]) => [
    id,
    scriptedModel(scriptFor(turns), id),
  ])
  const config = await loadConfig({ folder, environment: {} })
  const settings = { ...config, model: 'scripted/model', embedder: 'none' as const, ...more }
  const runtime = await createRuntime(settings, { models: Object.fromEntries(models) })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const identify = async ({ headers }: Request): Promise<Caller> => {
    const { owner, id, scopes } = await runtime.access.keys.identify(headers.get('authorization')?.slice(7) ?? '')
    return { owner, key: id, scopes, local: false }
  }
  const served = await serve(createApp(runtime, { identify }), { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  const keyOf = async (owner: string, scopes: readonly KeyScope[] = ['read', 'ask']) =>
    (await runtime.access.keys.create({ name: owner, owner, scopes: [...scopes] })).token
  const base = `http://127.0.0.1:${served.port}`
  return { runtime, notes, base, keyOf, ...asking(base, await keyOf('ann')) }
}

type Asking = { readonly key?: string | null; readonly headers?: { readonly [name: string]: string } }

function asking(base: string, ann: string) {
  async function ask(method: string, path: string, body?: unknown, { key = ann, headers = {} }: Asking = {}) {
    return fetch(base + path, {
      method,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }
  const get = (path: string, options?: Asking) => ask('GET', path, undefined, options)
  const post = (path: string, body: unknown, options?: Asking) => ask('POST', path, body, options)
  return {
    ann,
    get,
    post,
    /** All that is told of a question, to its end. */
    async chat(user_query: string, { thread_id = THREAD, model_configs, ...options }: Asking & Chat = {}) {
      const said = { user_query, thread_id, ...(model_configs !== undefined && { model_configs }) }
      return framesOf(await post('/api/postchain/langchain', said, options))
    },
  }
}

type Chat = { readonly thread_id?: string; readonly model_configs?: unknown }

/** The frames of a stream, to its end. */
export async function framesOf(response: Response): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const frame of readFrames(response)) frames.push(frame)
  return frames
}

/** The frames of a stream as they come; who stops reading leaves. */
export async function* readFrames(response: Response): AsyncGenerator<Frame> {
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  let text = ''
  for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + bytes).split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) if (/^data: /m.test(block)) yield frameOf(block)
  }
}

function frameOf(block: string): Frame {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)))
  return { ...fields, data: fields.data === '[DONE]' ? '[DONE]' : JSON.parse(fields.data) }
}

/** Frames in short: phase and status, or what else they are. */
export function brief(frames: readonly Frame[]): string[] {
  return frames.map(({ event, data }) => {
    if (data === '[DONE]') return data
    if (data.phase !== undefined) return `${data.phase} ${data.status}`
    return event === undefined ? `error ${data.code}` : `${event} ${data.decision ?? data.status}`
  })
}
