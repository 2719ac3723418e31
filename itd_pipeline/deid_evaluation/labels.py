"""What the labels of common gold sets mean in our classes of identifiers.

Labels of i2b2/UTHealth 2014, Presidio, ASQ-PHI, MEDDOCAN and the plain words of the rule itself. `quasi` holds what
some sets mark although Safe Harbor (45 CFR 164.514(b)(2)) lets it stay: ages under 90, sex, professions, countries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

QUASI = "quasi"
_CLASSES: dict[str, str] = {
    "name": "name person patient patient_name doctor username first_name last_name per hcpname ptname "
            "nombre_sujeto_asistencia nombre_personal_sanitario staff",
    "date": "date date_time dates dob date_of_birth fechas",
    "address": "location address street_address street city zip zip_code location_other geographic_location loc "
               "calle territorio location_other location-other location_street location_city location_zip",
    "hospital": "hospital facility room department patorg hospital_name centro_salud "
                "location_hospital",
    "phone": "phone phone_number telephone contact numero_telefono pager",
    "fax": "fax fax_number numero_fax",
    "email": "email email_address correo_electronico",
    "url": "url domain_name web_url url_web website",
    "ip": "ip ip_address ipaddr direc_prot_internet",
    "ssn": "ssn us_ssn social_security_number id_aseguramiento",
    "mrn": "mrn medicalrecord medical_record_number medical_record id_asistencia",
    "account": "account account_number credit_card iban_code us_bank_number bank_account",
    "plan": "plan healthplan health_plan_beneficiary_number health_plan insurance",
    "licence": "licence license license_number us_driver_license us_passport certificate_license_number "
               "id_titulacion_personal_sanitario driver_license",
    "vehicle": "vehicle vehicle_identifier license_plate identif_vehiculos_nrserie_placas",
    "device": "device device_identifier identif_dispositivos_nrserie",
    "biometric": "biometric bioid biometric_identifier identif_biometricos",
    "photo": "photo full_face_photo",
    "id": "id idnum unique_identifier other_id id_sujeto_asistencia id_contacto_asistencial "
          "id_empleo_personal_sanitario "
          "nrp_id",
    QUASI: "age profession organization organisation title nrp gpe country state sex country_name "
           "edad_sujeto_asistencia "
           "sexo_sujeto_asistencia familiares_sujeto_asistencia pais profesion institucion otros_sujeto_asistencia "
           "location_country location_state location_organization us_state nationality gender job language",
}
_BY_LABEL = {label: kind for kind, labels in _CLASSES.items() for label in labels.split()}


def class_of(label: str, own: Mapping[str, str]) -> str | None:
    """Our class for a label of a gold set; `own` comes first. None where nobody knows the label.

    Args:
        label: as the set writes it, in any case.
        own: label -> class, given by the user.
    """
    folded = re.sub(r"[\s-]+", "_", label.strip().lower())
    for known, kind in own.items():
        if re.sub(r"[\s-]+", "_", known.strip().lower()) == folded:
            return kind
    return folded if folded in _CLASSES else _BY_LABEL.get(folded)
