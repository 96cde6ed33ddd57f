import { TerminalError } from '../../errors.ts'
import { FAULTS } from '../call/failure-kinds.ts'

/** What is asked for where one is missing, and how a model is described that has it. */
const REMEDIES: { readonly [lack: string]: readonly [needs: string, said: string] } = {
  vision: ['vision', 'modalities: [text, vision]'],
  audio: ['audio', 'modalities: [text, audio]'],
  'the modality video': ['video', 'modalities: [text, video]'],
  'the modality document': ['vision', 'modalities: [text, document]'],
  tools: ['tools', 'tools: true'],
}

/** The error of a call that was not made, because its model is known not to offer what it needs. */
export function unable(model: string, lacks: readonly string[], cause: unknown): TerminalError {
  const message = `model ${model}, as it is described, lacks ${lacks.join(', ')}`
  const [remedy] = lacks.flatMap((lack) => (Object.hasOwn(REMEDIES, lack) ? [REMEDIES[lack]!] : []))
  // what is too long may be said in less
  if (!remedy) return new TerminalError(message, { code: FAULTS.context_length.code, cause })
  const [needs, said] = remedy
  return new TerminalError(message, {
    code: 'no_eligible_model',
    cause,
    hint: `Take another one (requires_model: ${needs}), or say \`${said}\` of it if it does.`,
  })
}
