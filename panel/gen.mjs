// Makes what the sources import from `generated` folders: the types of the GraphQL documents
// and one compiled catalogue of texts per page and language.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { parse } from "graphql";

const here = import.meta.dirname;
const read = (...path) => readFileSync(join(here, ...path), "utf8");
const write = (path, text) => {
  mkdirSync(dirname(join(here, path)), { recursive: true });
  writeFileSync(join(here, path), text);
};

// TALON_SCHEMA names another schema, for pages written before their fields are released.
const schemaFile = process.env.TALON_SCHEMA ?? join(here, "..", "schemas", "schema.graphql");

// One module of types and documents per folder of documents, so that a page loads its own only.
async function generateTypes() {
  const schema = parse(readFileSync(schemaFile, "utf8"));
  const folders = new Map();
  for (const path of readdirSync(join(here, "src"), { recursive: true }).sort()) {
    if (!path.endsWith(".graphql")) continue;
    const name = dirname(path)
      .split(/features[\\/]/)
      .at(-1)
      .replace(/[\\/]/g, "-");
    const document = { location: path, rawSDL: read("src", path), document: parse(read("src", path)) };
    folders.set(name, [...(folders.get(name) ?? []), document]);
  }
  for (const [name, documents] of folders) await generateModule(schema, name, documents);
}

async function generateModule(schema, name, documents) {
  const folder = "src/shared/gql/generated/";
  const sections = await preset.buildGeneratesSection({
    baseOutputDir: folder,
    schema,
    documents,
    config: {
      documentMode: "string",
      enumsAsTypes: true,
      useTypeImports: true,
      skipTypename: true,
      defaultScalarType: "string",
      scalars: { JSON: "unknown" },
    },
    presetConfig: { fragmentMasking: false },
    plugins: [],
    pluginMap: {},
  });
  for (const section of sections) {
    if (!section.filename.endsWith("graphql.ts")) continue;
    write(`${folder}${name}.ts`, plainStrings(await codegen({ ...section, schema })));
  }
}

// urql takes plain strings; the class the preset writes for string documents is refused by it.
function plainStrings(text) {
  return text
    .replace(/export class TypedDocumentString[\s\S]*?\n}\n/, "")
    .replace(
      /new TypedDocumentString\((`[\s\S]*?`)(?:, \{[^}]*\})?\) as unknown as TypedDocumentString<([^;]*)>;/g,
      "$1 as unknown as TypedDocumentNode<$2>;",
    )
    .replace(/TypedDocumentString</g, "TypedDocumentNode<")
    .replace(
      /import type \{ DocumentTypeDecoration \}[^\n]*\n/,
      "import type { TypedDocumentNode } from '@urql/core';\n",
    );
}

// Which files of texts each page needs.
const pages = {
  home: ["common", "home"],
  kiosk: ["common", "kiosk"],
  board: ["common", "board"],
  ticket: ["common", "ticket"],
  pair: ["common", "pair"],
  staff: ["common", "shell"],
  login: ["login", "code", "errors"],
  operator: ["operator", "dialogs"],
  account: ["account", "mine", "code", "errors"],
  admin: ["admin"],
  staffing: ["staff"],
  setup: ["setup"],
  people: ["people"],
  journal: ["journal", "events"],
};

function generateTexts() {
  const all = new Set();
  for (const [page, nouns] of Object.entries(pages)) {
    for (const language of ["ru", "en"]) {
      const texts = Object.assign(
        {},
        ...nouns.map(noun => JSON.parse(read("locales", language, `${noun}.json`))),
      );
      for (const id of Object.keys(texts)) all.add(id);
      const compiled = Object.fromEntries(
        Object.entries(texts).map(([id, text]) => [id, compileMessage(text)]),
      );
      write(`src/shared/i18n/generated/${page}.${language}.json`, JSON.stringify(compiled));
    }
  }
  write(
    "src/shared/i18n/generated/ids.ts",
    `export type TextId =\n${[...all]
      .sort()
      .map(id => `  | ${JSON.stringify(id)}`)
      .join("\n")};\n`,
  );
}

await generateTypes();
generateTexts();
