import { expect, it } from 'vitest'
import { countWrites } from '../../bench/count/writes.ts'

it('counts syncs and the bytes that files got, also of calls that another thread interrupts', () => {
  const trace = [
    '10 pwrite64(21</data/a.db>, ""..., 4096, 0) = 4096',
    '10 fdatasync(21</data/a.db> <unfinished ...>',
    '11 writev(22</data/log>, [{iov_base=""..., iov_len=10}, {iov_base=""..., iov_len=5}], 2 <unfinished ...>',
    '10 <... fdatasync resumed>)               = 0',
    '11 <... writev resumed>)                  = 15',
    '11 fsync(22</data/log>)                   = 0',
    '10 +++ exited with 0 +++',
  ]
  expect(countWrites(trace.join('\n'))).toEqual({ syncs: 2, bytes: 4111 })
})

it.each([
  ['a socket', '10 write(5<socket:[77]>, ""..., 100) = 100'],
  ['a pipe', '10 write(1<pipe:[78]>, ""..., 100) = 100'],
  ['a device', '10 write(2</dev/null>, ""..., 100) = 100'],
  ['a call that fails', '10 write(6</data/log>, ""..., 100) = -1 ENOSPC (No space left on device)'],
  ['a sync that fails', '10 fsync(6</data/log>) = -1 EIO (Input/output error)'],
  ['a call that has not ended', '10 fsync(6</data/log> <unfinished ...>'],
  ['the rest of a call that began before the trace', '10 <... write resumed>) = 100'],
])('%s does not count', (_, line) => {
  expect(countWrites(`${line}\n`)).toEqual({ syncs: 0, bytes: 0 })
})
