import { expect, test } from 'vitest'
import { gapOf } from '../../src/sandbox/bubblewrap/gap.ts'

const DENIED = { refused: 'bwrap: setting up uid map: Permission denied' }
/** A machine whose kernel has these settings. */
const machine = (settings: { readonly [path: string]: string }) => async (path: string) => settings[path] ?? ''

test('AppArmor is named with its remedy where it keeps programs from making namespaces', async () => {
  const ubuntu = machine({ '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' })
  expect(await gapOf(DENIED, ubuntu)).toEqual({
    reason: `AppArmor keeps programs from making user namespaces (${DENIED.refused})`,
    hint: expect.stringMatching(/profile that allows `userns`, or run `sysctl -w kernel\.apparmor_\w+=0`\.$/),
  })
})

test.each([
  ['a kernel that lets only root make namespaces', DENIED, 'unprivileged_userns_clone=1'],
  ['a container', DENIED, 'docker run --security-opt seccomp=unconfined'],
  ['an old bubblewrap', { refused: 'bwrap: Unknown option --disable-userns' }, 'Update bubblewrap'],
  ['no bubblewrap', { missing: 'bwrap' }, 'bubblewrap'],
  ['no prlimit', { missing: 'prlimit' }, 'util-linux'],
] as const)('%s has a remedy of its own', async (name, failure, hint) => {
  const kernel = machine(name.startsWith('a kernel') ? { '/proc/sys/kernel/unprivileged_userns_clone': '0' } : {})
  expect((await gapOf(failure, kernel)).hint).toContain(hint)
})
