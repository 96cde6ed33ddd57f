/**
 * Tested agents: the last results of `antiphon agent test` for each test, so that two of them can be compared. A result
 * is a file in the data folder, which the command writes without asking the process that owns the folder.
 */

import type { Room } from '../house/room.ts'
import { LOCAL_OWNER } from '../lib/owner.ts'
import { TESTS } from './room/contract.ts'
import { openTests } from './room/files.ts'
import { type TestsPort, type TestsView, viewTests } from './room/port.ts'

/** Results of tests of agents. They belong to the user of the data folder, as no owner's work is in them. */
export const testedRoom: Room<TestsPort, TestsView, { readonly config: { readonly data: string } }> = {
  contract: TESTS,
  open: ({ config }) => openTests(config.data),
  view: viewTests,
  forgetOwner: async (port, owner, { dryRun }) =>
    owner === LOCAL_OWNER ? { 'test results': await port.forget({ dryRun }) } : {},
}
