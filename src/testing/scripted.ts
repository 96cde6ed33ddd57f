import { scriptedModel as createScriptedModel } from './scripted-model.ts'
import type { ScriptedTurn, TestModel } from './test-model.ts'

/** A scripted model, and the calls that it received: the text of all messages, and the options of the AI SDK. */
type Scripted = TestModel & { readonly calls: readonly { readonly prompt: string; readonly options: object }[] }

/**
 * A model that follows a script: it takes the first turn that matches and
 * is not used up. A prompt without a matching turn is an InvalidError.
 */
export const scriptedModel: (script: readonly ScriptedTurn[], id?: string) => Scripted = createScriptedModel
