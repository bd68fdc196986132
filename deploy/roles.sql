-- The two roles and the database, once, by an administrator of PostgreSQL (15 or later). deploy/roles.sh runs this.
-- approvals_owner makes and changes tables; approvals is who the portal signs in as, and owns nothing.
-- What approvals may do is given after each migrate by: manage.py database_roles --apply

CREATE ROLE approvals_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE approvals LOGIN PASSWORD :'app_password';
CREATE DATABASE approvals OWNER approvals_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE approvals FROM PUBLIC;
GRANT CONNECT ON DATABASE approvals TO approvals;
