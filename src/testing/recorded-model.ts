import type { LanguageModelV4 } from '@ai-sdk/provider'
import { InvalidError } from '../errors.ts'
import type { RecordMode } from '../model/recorded/record-mode.ts'
import { createRecordedModel } from '../model/recorded/recorded-model.ts'
import type { TestModel } from './test-model.ts'

export type { RecordMode } from '../model/recorded/record-mode.ts'

/** A model that replays a file, and the entries of the file that it has not used. */
export type RecordedModel = TestModel & { unused(): readonly string[] }

/** The model that is recorded, and when. */
export type RecordOptions = {
  /** the real model: its id, as antiphon.yaml or the environment configures it, or a model of an AI SDK provider */
  readonly model?: string | TestModel
  /** absent: ANTIPHON_RECORD, else `never` if CI is set, else `once` */
  readonly record?: RecordMode
  /** texts that differ from one time to the next, such as a date */
  readonly ignore?: readonly RegExp[]
}

const MODES: readonly unknown[] = ['once', 'never', 'always']

/**
 * A model that records the replies of a real one in a file, and replays them without a key and without the network. If
 * a request has changed, the error `recording_changed` shows the difference. A new request that may not be recorded is
 * an error of code `recording_missing`. The file is JSON without headers and secrets of the environment.
 * @throws InvalidError for a wrong option, and of code `invalid_recording` for a file that cannot be read
 */
export function recordedModel(file: string, { model, record, ignore = [] }: RecordOptions = {}): RecordedModel {
  const { mode, why } = modeOf(record)
  const id = typeof model === 'object' ? `${model.provider}/${model.modelId}` : (model ?? 'recorded/model')
  const real = typeof model === 'string' ? () => configuredModel(model) : (model as LanguageModelV4 | undefined)
  return createRecordedModel({
    file,
    id,
    mode,
    why,
    ignore,
    environment: process.env,
    ...(real !== undefined && { real }),
  })
}

function modeOf(record: RecordMode | undefined): { readonly mode: RecordMode; readonly why: string } {
  const { ANTIPHON_RECORD: named, CI = '' } = process.env
  const given = record ?? (named || undefined)
  if (given === undefined) {
    const isCi = CI !== '' && CI !== 'false' && CI !== '0'
    return isCi ? { mode: 'never', why: 'nothing is recorded where CI is set' } : { mode: 'once', why: '' }
  }
  if (!MODES.includes(given))
    throw new InvalidError(`\`record\`: expected once, never or always, got ${JSON.stringify(given)}.`, {
      place: { path: record === undefined ? 'ANTIPHON_RECORD' : 'record' },
    })
  return { mode: given as RecordMode, why: '`record` is never' }
}

/** The model of that id in the configuration of the current folder. */
async function configuredModel(id: string): Promise<LanguageModelV4> {
  const [{ loadConfig }, { createModels }] = await Promise.all([
    import('../config/config.ts'),
    import('../model/registry.ts'),
  ])
  const config = await loadConfig({ folder: '.', environment: process.env })
  return createModels({ ...config, embedder: 'none' }, process.env).resolve(id)
}
