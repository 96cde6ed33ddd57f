import { exerciseEngine } from '../../src/testing/conformance.ts'
import { libsqlOpener } from '../../src/testing/index.ts'

exerciseEngine({ name: 'libsql', open: libsqlOpener({ writer: 'thread', synchronous: 'FULL' }) })

// every flush carries a chunk of one actor, so that a crash finds all states of a checkpoint
exerciseEngine({
  name: 'libsql with a checkpoint at every flush',
  open: libsqlOpener({ writer: 'main', synchronous: 'FULL', checkpoint: { bytes: 1, chunk: 1, trim: 1 } }),
})
