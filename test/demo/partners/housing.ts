// The housing provider: a FHIR client that works on its referrals, and a folder into which HMIS CSV is dropped.
import { unzipSync } from 'fflate'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fhirClientVerbs } from './fhir-client.ts'
import { serve } from './post.ts'

serve({
  ...(await fhirClientVerbs('harbor-housing', 'ES384')),
  /** File names and text of every HMIS zip that lies in the drop folder. */
  hmis: async ({ folder }) => {
    const names = (await readdir(String(folder)).catch(() => [])).filter((name) => name.endsWith('.zip'))
    const files = await Promise.all(names.map(async (name) => unzipSync(await readFile(join(String(folder), name)))))
    return files.map((zip) =>
      Object.fromEntries(Object.entries(zip).map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')])),
    )
  },
})
