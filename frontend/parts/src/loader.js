/* Loads the parts of the app: each file is a module that puts its functions into the table and its constants into the
   memory of the main module. What failed is tried anew when asked. */
const import_parts = (() => {
  const files = FILES;
  const started = {};
  const place = (file) => {
    const { SHARED } = wasm;
    const main = { __wasm_split: { CANARY SHARED } };
    return WebAssembly.instantiateStreaming(fetch(new URL(file, import.meta.url)), main).catch((error) => {
      delete started[file];
      throw error;
    });
  };
  const load = (part) => Promise.all(files[part].map((file) => (started[file] ??= place(file))));
  const loader = (part) => (call, data) =>
    load(part)
      .then(() => true, (error) => (console.error(error), false))
      .then((loaded) => wasm.__indirect_function_table.get(call)(data, loaded));
  return Object.fromEntries(Object.keys(files).map((part) => [`__wasm_split_load_${part}`, loader(part)]));
})();
