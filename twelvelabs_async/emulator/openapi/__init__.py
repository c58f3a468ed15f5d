"""The OpenAPI document as data: routes, parameters, schemas, and the validation of values against them."""
