import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { JsonObject } from '../../kernel/json.ts'

/** The door of a context for calls in the words of the AI SDK. Programs use `durable`. */
export const MODEL_CALL = Symbol.for('antiphon.workflow.model-call')

/** A recorded call of a model: `whole` answers as `doGenerate`, `stream` with the parts of the stream. */
export type CallSdkModel = (
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
  form: 'whole' | 'stream',
) => Promise<JsonObject>
