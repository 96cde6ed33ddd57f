import { libsqlOpener } from '../../src/testing/index.ts'
import { exerciseEngine } from '../../trials/conformance.ts'

// as in a thread of its own, which takes longer to begin than most of these tests; processes under load are killed with both
exerciseEngine({ name: 'libsql', open: libsqlOpener({ writer: 'main', later: true, synchronous: 'FULL' }) })

// every flush carries a chunk of one actor, so that a crash finds all states of a checkpoint; some go to their tables when they commit
exerciseEngine({
  name: 'libsql with a checkpoint at every flush',
  open: libsqlOpener({
    writer: 'main',
    synchronous: 'NORMAL',
    checkpoint: { bytes: 1, chunk: 1, trim: 1 },
    isOver: ({ seq }) => seq % 3 === 0,
  }),
})
