// Emits what is published of the contract and the client, JavaScript and declarations, into their
// `dist`: pnpm runs it before it packs either. Types are checked by `tsc -b`, not here.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tsc } from './tsc.ts'

const packages = join(import.meta.dirname, '../..')

/** Where each package's files go. */
export interface Outputs {
  contract: string
  client: string
}

export async function build({ contract, client }: Outputs): Promise<void> {
  await emit('contract', contract, {})
  await emit('client', client, { '@taskwire/contract/*': [join(contract, '*.d.ts')] })
}

async function emit(name: keyof Outputs, outDir: string, paths: Record<string, string[]>): Promise<void> {
  const directory = join(packages, name)
  const scratch = await mkdtemp(join(tmpdir(), 'taskwire-build-'))
  try {
    const config = join(scratch, 'tsconfig.json')
    await writeFile(
      config,
      JSON.stringify({
        extends: join(packages, '../tsconfig.base.json'),
        compilerOptions: {
          rootDir: join(directory, 'src'),
          outDir,
          composite: false,
          emitDeclarationOnly: false,
          declarationMap: false,
          noCheck: true,
          lib: ['es2024', 'dom', 'dom.iterable'],
          paths,
        },
        include: [join(directory, 'src')],
        exclude: ['*.test.ts', '*.test-d.ts', 'testing'].map((tests) => join(directory, 'src/**', tests)),
        references: [],
      }),
    )
    await tsc('-p', config)
  } finally {
    await rm(scratch, { recursive: true })
  }
  for (const file of await readdir(outDir, { recursive: true }))
    if (file.endsWith('.d.ts')) await nameAsPublished(join(outDir, file))
}

/** The compiler leaves the endings of the sources in declarations, though sources are not published. */
async function nameAsPublished(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replaceAll(/((?:from |import\()["']\.{1,2}\/[^"']+)\.ts(?=["'])/g, '$1.js'))
}

if (import.meta.main) await build({ contract: join(packages, 'contract/dist'), client: join(packages, 'client/dist') })
