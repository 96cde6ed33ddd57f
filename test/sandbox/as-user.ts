import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { findEscapes, findUnbounded } from '../../trials/sandbox/find-escapes.ts'
import { SUITE_LIMITS } from './limits.ts'

// the suite as the user of this process, without vitest
const gap = await bubblewrap.check()
const found = gap
  ? { gap: gap.reason }
  : {
      escapes: await findEscapes(bubblewrap, SUITE_LIMITS),
      unbounded: await findUnbounded(bubblewrap, SUITE_LIMITS),
      left: await readdir(tmpdir()),
    }
console.log(JSON.stringify({ uid: process.getuid?.(), ...found }))
