import { z } from 'zod'

const MIB = 1024 * 1024

/** Sizes of antiphon.yaml are in MiB. */
const mebibytes = z
  .number()
  .min(0.001)
  .max(1024 * 1024)

/** The keys of antiphon.yaml for files: sizes in MiB, of one file, of all files of an owner, and of the folder. */
export const fileSettings = {
  files: z
    .strictObject({
      max: mebibytes.exactOptional(),
      owner: mebibytes.exactOptional(),
      folder: mebibytes.exactOptional(),
      unusedDays: z.number().min(0.01).max(3650).exactOptional(),
    })
    .exactOptional(),
  /** whether decoders run with the rights of this process where no sandbox can run */
  media: z.strictObject({ unsandboxed: z.boolean().exactOptional() }).exactOptional(),
}

/** The key as it is written. */
export type FileSettings = z.infer<NonNullable<typeof fileSettings.files>>

/** The limits that antiphon.yaml sets, in bytes and days. */
export function fileLimits({
  max = 256,
  owner = 1024,
  folder = 20_480,
  unusedDays = 7,
}: FileSettings = {}): Readonly<Required<FileSettings>> {
  return { max: max * MIB, owner: owner * MIB, folder: folder * MIB, unusedDays }
}
