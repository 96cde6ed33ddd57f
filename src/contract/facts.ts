import { accessCodes } from '../access/facts.ts'
import { agentCodes, agentOperations } from '../agent/facts.ts'
import { budgetCodes, budgetOperations } from '../budget/facts.ts'
import { bulkOperations } from '../bulk/facts.ts'
import { chainCodes } from '../chain/facts.ts'
import { checkpointCodes } from '../checkpoint/facts.ts'
import { commonsCodes, commonsOperations } from '../commons/facts.ts'
import { environmentCodes, environmentOperations } from '../environment/facts.ts'
import { erasureCodes, erasureOperations } from '../erasure/facts.ts'
import type { ErrorCodes } from '../errors.ts'
import { fileCodes, fileOperations } from '../file/facts.ts'
import { hookCodes, hookOperations } from '../hook/facts.ts'
import { ledgerCodes, ledgerOperations } from '../ledger/facts.ts'
import { memoryCodes, memoryOperations } from '../memory/facts.ts'
import { modelCodes } from '../model/facts.ts'
import { noticeCodes, noticeOperations } from '../notify/facts.ts'
import { pipelineCodes } from '../pipeline/facts.ts'
import { runCodes } from '../run/facts.ts'
import { scheduleCodes, scheduleOperations } from '../schedule/facts.ts'
import { storeCodes } from '../store/facts.ts'
import { testedOperations } from '../tested/facts.ts'
import { threadCodes } from '../thread/facts.ts'
import { toolCodes } from '../tool/facts.ts'
import { workerCodes } from '../worker/facts.ts'
import { workflowCodes, workflowOperations } from '../workflow/facts.ts'

/** Operations of all rooms that register themselves. `antiphon/client` loads them: a `facts.ts` loads nothing. */
export const ROOM_OPERATIONS = {
  ...agentOperations,
  ...environmentOperations,
  ...budgetOperations,
  ...noticeOperations,
  ...scheduleOperations,
  ...hookOperations,
  ...workflowOperations,
  ...memoryOperations,
  ...ledgerOperations,
  ...fileOperations,
  ...commonsOperations,
  ...bulkOperations,
  ...testedOperations,
  ...erasureOperations,
}

/** The error codes of requests, whatever room they are for. */
const REQUEST_CODES = {
  bad_cursor: { as: 'InvalidError', means: '`after` is not a valid position in this list' },
  local_only: { status: 403, exit: 1, means: 'only the user of the data folder may do this, over its socket' },
  wrong_host: { status: 403, exit: 1, means: 'the server has no keys, and the `host` header names another host' },
  wrong_origin: { status: 403, exit: 1, means: 'the page is of an origin that is not allowed' },
  owner_refused: { status: 403, exit: 1, means: 'the server authenticates callers itself, and gave no valid owner' },
  body_read: { status: 500, exit: 1, means: 'other code of the server has read the body before' },
  file_changed: {
    as: 'TerminalError',
    means: 'an offered file has changed since the server started; restart the server to accept it',
  },
  not_offered: { status: 501, exit: 2, means: 'the upstream API has this endpoint, antiphon does not' },
  body_timeout: { status: 408, exit: 1, means: 'the body of the request did not come in time' },
  method_not_allowed: { status: 405, exit: 2, means: 'the path does not support this method' },
  id_taken: { status: 409, exit: 2, means: 'the id, or the key of `join`, belongs to other content' },
  too_large: { status: 413, exit: 2, means: 'the body is too large' },
  unsupported_type: { status: 415, exit: 2, means: 'the body is not JSON' },
  range_outside: { status: 416, exit: 2, means: 'the file has no byte in the range' },
  too_many_requests: { status: 429, exit: 1, means: 'over the rate limit; retry after `Retry-After` seconds' },
  other_code: {
    status: 409,
    exit: 2,
    means:
      'the process that owns the data folder lacks an agent or a tool of the program, or has a different version of it',
  },
  other_version: {
    status: 409,
    exit: 2,
    means: 'the process that owns the data folder runs another version of antiphon',
  },
  owner_gone: { status: 503, exit: 1 },
  unreachable: { status: 503, exit: 1 },
} as const satisfies ErrorCodes

/** The codes that the classes of the family give themselves. */
export const FAMILY_CODES = {
  invalid_input: { as: 'InvalidError', means: 'part of the request is invalid; `place` says which' },
  not_found: { status: 404, exit: 2, means: 'it does not exist, or it belongs to another owner' },
  cancelled: { status: 409, exit: 130 },
  stopped: {
    status: 503,
    exit: 130,
    means: 'the server is shutting down; the work continues later: retry after `Retry-After` seconds',
  },
  timeout: { status: 504, exit: 1 },
  busy: { status: 503, exit: 1, means: 'at capacity; retry after `Retry-After` seconds' },
  internal: { as: 'TerminalError', means: 'an internal error of the server' },
} as const satisfies ErrorCodes

/** All error codes. Each is written once, in the room that throws it. */
export const CODES = {
  ...FAMILY_CODES,
  ...REQUEST_CODES,
  ...accessCodes,
  ...agentCodes,
  ...budgetCodes,
  ...scheduleCodes,
  ...hookCodes,
  ...workflowCodes,
  ...chainCodes,
  ...checkpointCodes,
  ...commonsCodes,
  ...environmentCodes,
  ...erasureCodes,
  ...ledgerCodes,
  ...fileCodes,
  ...memoryCodes,
  ...modelCodes,
  ...noticeCodes,
  ...pipelineCodes,
  ...runCodes,
  ...storeCodes,
  ...threadCodes,
  ...toolCodes,
  ...workerCodes,
} as const
