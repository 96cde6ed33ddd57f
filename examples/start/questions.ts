/** What is asked of this checkout's own documents, beside the audit. */
export const QUESTIONS = [
  { thread: 'start-promises', prompt: 'When is an effect repeated after a crash?' },
  { thread: 'start-log', prompt: 'Why does a flush write one row to the log?' },
] as const

/** The documents they are answered from. */
export const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/concepts.md',
  'docs/actors.md',
  'docs/adr/0001-log-structured-engine.md',
  'docs/adr/0002-cancel-is-decided-by-the-kernel.md',
  'docs/adr/0003-a-checkout-runs-from-source.md',
] as const
