// In: a sealed HMIS export. Out: one file in the partner's folder, whole or not at all.
// Never: lets a reader see half a file, or writes the same export twice.
import { open, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { OutboxItem } from './outbox.ts'
import type { Carrier } from './worker.ts'

export interface HmisDropOptions {
  /** The partner's folder; `undefined` when the partner has none any more. */
  readonly folderFor: (item: OutboxItem) => Promise<string | undefined>
}

/** Drops exports as `<item id>.zip`: written beside it, flushed to the disk, then renamed, which a file system does at once. */
export const createHmisDrop = (options: HmisDropOptions): Carrier => ({
  ask: async (item) => {
    const folder = await options.folderFor(item)
    return folder !== undefined && (await exists(pathOf(folder, item))) ? 'arrived' : 'not-arrived'
  },
  send: async (item, disclosure) => {
    const folder = await options.folderFor(item)
    if (folder === undefined) return { kind: 'refused', cause: 'channel-missing' }
    try {
      await mkdir(folder, { recursive: true })
      await writeWhole(pathOf(folder, item), disclosure.payload)
      return { kind: 'delivered' }
    } catch (error) {
      return { kind: 'later', cause: `folder-${codeOf(error)}` }
    }
  },
})

const pathOf = (folder: string, item: OutboxItem): string => join(folder, `${item.id}.zip`)

const writeWhole = async (path: string, content: string | Uint8Array): Promise<void> => {
  const part = `${path}.part`
  try {
    const file = await open(part, 'w', 0o640)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
    const folder = await open(dirname(path))
    await folder.sync().finally(() => folder.close())
  } finally {
    await rm(part, { force: true })
  }
}

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code.toLowerCase()
    : 'fault'
