import { z } from 'zod'
import { upkeepSettings } from './tier/settings.ts'

/** The key of antiphon.yaml for memory. `remember`: answers of asks become records, unless an ask says otherwise. */
export const memorySettings = {
  memory: z.strictObject({ remember: z.boolean().exactOptional(), ...upkeepSettings }).exactOptional(),
}
