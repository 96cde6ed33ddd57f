import { readFile } from 'node:fs/promises'
import { installHint } from '../install-hint.ts'
import type { SandboxGap } from '../sandbox.ts'

/** The result of a failed bubblewrap trial: a missing program, or its error message. */
type ProbeFailure = { readonly missing: string } | { readonly refused: string }

let works = false

/** Why bubblewrap cannot run here. Success is remembered: namespaces do not go away. */
export async function bubblewrapGap(probe: () => Promise<ProbeFailure | undefined>): Promise<SandboxGap | undefined> {
  if (works) return undefined
  if (process.platform !== 'linux')
    return {
      reason: `bubblewrap runs on Linux only, and this is ${process.platform}`,
      hint: 'Install docker or podman, and set `sandbox: { use: [container] }`. JavaScript in javascript-executor needs neither.',
    }
  const failure = await probe()
  works = failure === undefined
  return failure && gapOf(failure)
}

/** The reason why a trial failed, and the remedy. `read`: the content of a kernel file, empty where it is absent. */
export async function gapOf(failure: ProbeFailure, read = readText): Promise<SandboxGap> {
  const isSet = async (path: string, value: string) => (await read(path)).trim() === value
  if ('missing' in failure)
    return {
      reason: `the program ${failure.missing} is not installed`,
      hint: await installHint(failure.missing === 'bwrap' ? 'bubblewrap' : 'util-linux'),
    }
  const { refused } = failure
  if (!/permission|not permitted|no permissions|denied/i.test(refused))
    return { reason: `bubblewrap fails here: ${refused}`, hint: 'Update bubblewrap to 0.8.0 or newer.' }
  if (await isSet('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1'))
    return {
      reason: `AppArmor keeps programs from making user namespaces (${refused})`,
      hint: 'Give bwrap an AppArmor profile that allows `userns`, or run `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`.',
    }
  if (await isSet('/proc/sys/kernel/unprivileged_userns_clone', '0'))
    return {
      reason: `the kernel keeps users from making namespaces (${refused})`,
      hint: 'Run `sysctl -w kernel.unprivileged_userns_clone=1`.',
    }
  return {
    reason: `namespaces cannot be made here (${refused})`,
    hint: 'In a container, allow them: `docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`.',
  }
}

const readText = (path: string) => readFile(path, 'utf8').catch(() => '')
