import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { Json } from '../../kernel/json.ts'
import { mapTexts } from '../../lib/json/map-texts.ts'
import { createRedaction, type EnvironmentVariables } from '../../secret/redaction.ts'
import { changedRequest, formerOf, missingReply } from './difference.ts'
import { type Masked, maskRequest } from './masks.ts'
import type { RecordMode } from './record-mode.ts'
import { keyOf, openRecording, signatureOf } from './recording.ts'
import { createHearing, formOfReply, type Heard, partsOf, replyOfForm, saysSomething } from './reply-form.ts'
import { countCalls, formOfRequest, type RequestForm } from './request-form.ts'

type RecordingSetup = {
  readonly file: string
  /** the real model; absent: nothing can be recorded */
  readonly real?: LanguageModelV4 | (() => Promise<LanguageModelV4>)
  /** its id, as the file names it */
  readonly id: string
  readonly mode: RecordMode
  /** why `mode` is `never`, for errors */
  readonly why: string
  /** texts that no comparison counts, besides those that `maskRequest` names */
  readonly ignore: readonly RegExp[]
  /** the secrets in it never reach the file */
  readonly environment: EnvironmentVariables
}

type Asked = { readonly request: RequestForm; readonly key: string; readonly masked: Masked }

/** A model that replays recorded replies, and records new ones as its mode says. `unused` gives the ids of the rest. */
export function createRecordedModel(setup: RecordingSetup): LanguageModelV4 & { unused(): readonly string[] } {
  const { id, real, mode, ignore, environment, why } = setup
  const recording = openRecording(setup.file)
  const { redact } = createRedaction(environment)
  const fresh = new Set<string>()
  const used = new Set<string>()
  const inFlight = new Map<string, Promise<void>>()
  const [provider = 'recorded', ...name] = id.split('/')

  function read(options: LanguageModelV4CallOptions): Asked {
    const plain = mapTexts(formOfRequest(options) as Json, redact)
    const masked = maskRequest(plain, ignore)
    const request = masked.request as RequestForm
    return { request, key: keyOf(request), masked }
  }

  /** The recorded reply, or what ends the wait of equal requests once the caller has asked the real model. */
  async function find({ request, key, masked }: Asked): Promise<{ readonly reply: Heard } | { release(): void }> {
    for (let wait = inFlight.get(key); wait; wait = inFlight.get(key)) await wait
    const entry = mode === 'always' && !fresh.has(key) ? undefined : recording.find(request)
    if (entry) {
      used.add(key)
      let calls = countCalls(request)
      return { reply: replyOfForm(entry.reply, masked.show, () => `call_${++calls}`) }
    }
    const former = mode === 'always' ? undefined : formerOf(recording, request)
    if (former) throw changedRequest(recording, former, request)
    if (mode === 'never') throw missingReply(recording, request, why)
    if (!real) throw missingReply(recording, request, 'there is no model to record it')
    const { promise, resolve } = Promise.withResolvers<void>()
    inFlight.set(key, promise)
    const release = () => {
      inFlight.delete(key)
      resolve()
    }
    return { release }
  }

  async function save({ request, key, masked }: Asked, heard: Heard): Promise<void> {
    if (!saysSomething(heard)) return
    fresh.add(key)
    used.add(key)
    const reply = formOfReply(heard, (text) => masked.hide(redact(text)))
    const signature = signatureOf(request)
    await recording.add({ model: id, request, reply }, (entry) => {
      return mode === 'always' && !fresh.has(keyOf(entry.request)) && signatureOf(entry.request) === signature
    })
  }

  const realModel = async () => (typeof real === 'function' ? real() : real!)

  async function* recordStream(
    asked: Asked,
    stream: ReadableStream<LanguageModelV4StreamPart>,
    release: () => void,
  ): AsyncGenerator<LanguageModelV4StreamPart> {
    const hearing = createHearing()
    try {
      for await (const part of stream) {
        hearing.add(part)
        const end = hearing.end()
        // nobody acts on a reply that is not in the file
        if (end) await save(asked, end)
        yield part
      }
    } finally {
      release()
    }
  }

  return {
    specificationVersion: 'v4',
    provider,
    modelId: name.join('/') || 'model',
    supportedUrls: {},
    unused: () => recording.entries().flatMap((entry) => (used.has(keyOf(entry.request)) ? [] : [entry.id])),
    async doGenerate(options) {
      options.abortSignal?.throwIfAborted()
      const asked = read(options)
      const found = await find(asked)
      if ('reply' in found) return { ...found.reply, warnings: [] }
      try {
        const reply = await (await realModel()).doGenerate(options)
        await save(asked, reply)
        return reply
      } finally {
        found.release()
      }
    },
    async doStream(options) {
      options.abortSignal?.throwIfAborted()
      const asked = read(options)
      const found = await find(asked)
      if ('reply' in found) return { stream: ReadableStream.from(partsOf(found.reply)) }
      const { release } = found
      try {
        const { stream, ...rest } = await (await realModel()).doStream(options)
        return { ...rest, stream: ReadableStream.from(recordStream(asked, stream, release)) }
      } catch (error) {
        release()
        throw error
      }
    },
  }
}
