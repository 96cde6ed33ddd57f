/** A message as a model gets it. */
export type ModelMessage = { readonly role: 'system' | 'user'; readonly text: string }
