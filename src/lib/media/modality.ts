export const MODALITIES = ['text', 'code', 'image', 'audio', 'video', 'model', 'multimodal'] as const
/** One of these, or one that a phase of a program has: small letters and digits. */
export type Modality = (typeof MODALITIES)[number] | (string & {})

/** Whether a word may name a modality of a program: none of antiphon's has that name. */
export const isOwnModality = (name: unknown): name is string =>
  typeof name === 'string' && /^[a-z0-9]{1,32}$/.test(name) && !RESERVED.has(name)

/** `default` is any modality, and `vision` another name of one. */
const RESERVED: ReadonlySet<string> = new Set([...MODALITIES, 'default', 'vision'])
