import { Api } from "./api.mjs";
export const PASSWORD = "proefwachtwoord-e2e";
export async function fallback(base) {
  const admin = { username: "admin", password: PASSWORD };
  const staff = await Api.signIn(base, admin);
  const customers = [];
  for (const [name, plan] of [["TransLog Nederland BV", "enterprise"], ["VanderMeer Warehousing", "professional"]]) {
    const out = await staff.post("/admin/customers", { name, plan, contact_email: `${plan}@demo.example`, language: "nl" });
    const own = await Api.signIn(base, { access_code: out.access_code });
    const key = await own.post("/keys", { name: "Demo", expires_in_days: 365 });
    const now = Date.now();
    for (let part = 0; part < 2; part++) {
      const items = [];
      for (let i = 0; i < 900; i++) {
        const n = part * 900 + i;
        items.push({ type: ["container_arrived", "pallet_shipped", "quality_check"][n % 3], message: `Container MSKU${1000000 + n} aangekomen bij dok ${n % 9 + 1}`, level: n % 17 === 0 ? "error" : "info", temperature_c: n % 12, dock: n % 9 + 1, timestamp: new Date(now - (1800 - n) * 1_400_000 * 1.0).toISOString() });
      }
      await own.post("/logs/batch", items).catch(async (e) => { console.log(String(e).slice(0, 300)); await own.post("/logs/batch", { logs: items }); });
    }
    customers.push({ id: (out.customer ?? out).id, name, plan, access_code: out.access_code, api_key: key.api_key, logs: 1800 });
  }
  return { admin, customers };
}
