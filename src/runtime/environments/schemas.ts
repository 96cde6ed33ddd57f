import { z } from 'zod'
import type { Config } from '../../config/config.ts'
import type { FaultOfState } from '../../environment/actor.ts'
import { validationIssues } from '../../kernel/validation-issues.ts'

/** Checks states by the schemas of antiphon.yaml. The schema of a name holds for the environments of all owners with this name. */
export function faultsOf(environments: Config['environments'] = {}): FaultOfState {
  const checks = new Map(
    Object.entries(environments).map(([name, { schema }]) => [
      name,
      z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]),
    ]),
  )
  return (name, state) => {
    const issues = checks.get(name)?.safeParse(state).error?.issues
    const [fault] = issues ? validationIssues(issues, state) : []
    return fault && `${fault.path.join('.') || 'the state'}: ${fault.message}`
  }
}
