"""Words that Spanish notes are made of: given names, surnames, departments, places. Facts, no rules."""

from __future__ import annotations

import re
import unicodedata


def fold(word: str) -> str:
    """Lower case without accents; the tilde of the letter ñ goes too."""
    pieces = unicodedata.normalize("NFD", word.lower())
    return "".join(piece for piece in pieces if not unicodedata.combining(piece)).strip(".")


def _set(words: str) -> frozenset[str]:
    return frozenset(re.findall(r"\S+", words))


# Without accents, as `fold` gives them.
GIVEN_NAMES = _set("""
    aaron abel abraham adela adelaida adolfo adoracion adrian adriana africa agueda agustin agustina aida ainara ainhoa
    aitana aitor alba alberto aleix alejandra alejandro alejo alexandra alexia alfonso alfredo alicia alma almudena
    alonso alvaro amador amaia amalia amanda amelia amparo ana anabel anastasia ander andrea andres ane angel angela
    angeles angelica angustias aniceto anna anselmo antonia antonio araceli aranzazu ariadna armando arnau arturo
    asier asuncion aurelio aurora avelino azucena baltasar barbara bartolome basilio beatriz begona belen benigno
    benita benito benjamin berta bernabe bernarda bernardo berta blanca blas bonifacio borja brenda brigida bruno
    camila camilo candela candelaria candido caridad carina carla carles carlos carlota carmelo carmen carolina
    casimiro catalina cayetano cecilia cecilio celestino celia cesar cesareo chantal cinta clara claudia claudio
    clemente concepcion conchita constantino consuelo cristian cristina cristobal cynthia dalia damian daniel daniela
    dario david debora delfina desiree diana diego dionisio dolores domingo dorotea dulce edgar edith edmundo eduardo
    efren elena elia elias elisa elisabet elisabeth eloisa eloy elsa elvira emilia emiliano emilio encarnacion enric
    enrique enriqueta eric erica erika ernesto esmeralda esperanza esteban estefania estela ester esther estrella
    eugenia eugenio eulalia eusebio eva evaristo ezequiel fabian fabio fabiola fatima faustino federico felicidad
    felicitas felipe felisa felix fermin fernanda fernando ferran fidel flor florencia florencio florentina francesc
    francisca francisco gabino gabriel gabriela gaspar gema gemma genoveva gerard gerardo german gertrudis gilberto
    gines gisela gloria gonzalo graciela gregorio griselda guadalupe guillem guillermina guillermo gustavo hector
    helena heliodoro herminia hernan hilario hipolito horacio hugo humberto ignacio igor iker ildefonso imanol
    inmaculada ines ingrid inigo iratxe irene iria iris isaac isabel isidora isidoro isidro ismael israel itziar ivan
    ivon izaskun jacinta jacinto jacobo jaime janeth jaume javier jennifer jenny jeronimo jessica jesus jimena joan
    joaquin joaquina joel jonatan jonathan jone jordi jorge josefa josefina jose josep josu juan juana judit judith
    julia julian juliana julieta julio kevin koldo lara laura leandro leire leocadia leonardo leonor leopoldo leticia
    lidia liliana lina lisandro lola lorena lorenza lorenzo lourdes lucas lucia luciano lucila lucrecia luis luisa
    lydia macarena magdalena maialen maite manel manuel manuela mar marc marcela marcelino marcelo marcial marcos
    margarita maria mariana mariano maribel maricarmen marina mario marisa marisol maritza marta martin martina
    mateo mateu matias matilde mauricio maximiliano maximo mayra melania mercedes meritxell micaela miguel mikel
    milagros miranda mireia miren miriam modesto moises monica montserrat myriam nadia narciso natalia natividad
    nazaret nekane nelson nerea nestor nicanor nicolas nicolasa nieves noelia noemi norberto norma nuria octavio
    ofelia oihane olga oliver olivia omar onofre oriol orlando oscar pablo paloma paola pascual pascuala patricia
    patricio patxi pau paula paulina paulino paz pedro pepa pepe pere petra pilar piedad placido primitivo prudencio
    purificacion rafael rafaela raimundo ramiro ramon ramona raquel raul rebeca reinaldo remedios renata rene ricardo
    rigoberto rita roberto rocio rodolfo rodrigo rogelio roger roman romina roque rosa rosalia rosana rosario rosaura
    ruben rufino rut ruth sabina sabrina salome salvador samuel sandra santiago santos sara sarai saturnino saul
    sebastian segundo selena serafin sergi sergio severino silverio silvestre silvia simon sixto socorro sofia sol
    soledad sonia soraya susana tamara tania tatiana teodora teodoro teofilo teresa tobias tomas toribio trinidad
    unai urbano ursula valentin valentina valeria valeriano vanesa vanessa vera veronica vicenta vicente victor
    victoria victoriano vidal violeta virgilio virginia viviana wenceslao xabier xavier ximena yaiza yago yesenia
    yolanda youssef mohamed mohammed ahmed fatou zacarias zaira zulema
""")
# Given names that are words of a note: alone they are no evidence.
WORDLIKE_NAMES = _set("""
    dolores rosario pilar consuelo soledad mar luz cruz rosa paz victoria alba angustias socorro mercedes remedios
    leon santos sol segundo dulce esperanza estrella flor gloria aurora caridad nieves piedad trinidad trinidad
    encarnacion concepcion asuncion purificacion natividad iris modesto maximo africa cinta placido urbano salvador
    candida perla candido
""")
SURNAMES = _set("""
    abad abreu acosta acuna aguado aguilar aguilera aguirre alarcon alba albarracin alcaide alcala alcantara alcaraz
    alfaro alfonso almagro almeida alonso alvarado alvarez amador amaya amigo amor andrade andres andreu angulo anton
    antunez aparicio aragon aragones aramburu arana aranda araujo arce arenas arevalo arguelles arias ariza arjona
    armas armenteros arnaiz arranz arrieta arroyo arteaga asensio avila ayala ayuso aznar azurmendi baena ballester
    ballesteros banos barba barbero barea barragan barranco barreiro barrera barrero barreto barrio barrios barroso
    bastida batista bautista becerra beltran benavente benavides benitez benito bermejo bermudez bernabe bernal
    bernardez bilbao blanco blanes blasco blazquez bolivar bonilla borras borrego bosch botella bravo briones bueno
    burgos bustamante bustos caballero cabello cabeza cabrera caceres cadenas calderon calero calvo camacho camara
    campo campos canas cano canovas cantero caparros carballo cardenas cardona carmona caro carrasco carreno carrera
    carretero carrillo carrion carvajal casado casals casanova casas castano castellano castellanos castello castillo
    castro cazorla cebrian cerezo cervantes cervera chacon chavez chico cid clavijo clemente cobo cobos coll colomer
    conde conesa contreras corbacho cordero cordoba cornejo corral corrales correa cortes cosio costa crespo cruz
    cuadrado cubero cuellar cuenca cuesta cuevas david delgado diaz diez domenech dominguez donoso duarte duenas duque
    duran echeverria egea elias enriquez escobar escribano escudero espejo espinosa espinoza esteban estevez estrada
    expósito exposito fajardo farina feliu ferrando ferreira ferreiro ferrer ferrero fernandez fidalgo figueroa
    flores florez folch font fontan fraile franco freire frias frutos fuente fuentes fuster galan galindo gallardo
    gallego gallegos galvan galvez gamez gamero garay garcia garcilaso garrido garriga garzon gascon gaspar gil
    gimenez gimeno giner giron godoy gomez gomis gonzalez gonzalo gordillo gordo goni gracia granados grande grau
    guardiola guerra guerrero guevara guijarro guillen guirao gutierrez guzman haro heras heredia hermoso hernandez
    hernando herranz herrera herrero herreros herrador hidalgo higuera higuita holgado hoyos huerta huertas hurtado
    ibanez ibarra iglesias infante iniesta iriarte iturriaga izquierdo jara jaramillo jaen jimenez jordan jorge juan
    juarez juncal jurado lacruz laguna lara larrea latorre lazaro leal ledesma leiva lemos leon lerma leyva linares
    llamas llano llopis llorca llorente lobato lobo lopera lopez lorente lorenzo losada lozano lucas lucena luna
    luque machado macias madrid madrigal maestre maestro maldonado manrique mansilla manso manzanares manzano marco
    marcos marin marina marino marques marquez marrero marti martin martinez martos mas mata mateo mateos mateu matias
    mayor medina megias meji mejia mejias melero melgar menchaca mendez mendieta mendoza menendez meneses merchan
    merino mesa miguel millan minguez mira miralles miranda miro molero molina molinero moll monge monje montalvo
    montano montero montes montiel montilla montoro montoya mora moral morales morcillo moreno morera morillo moro
    moron morote moya mulero munoz murcia muriel murillo naranjo naranjo narvaez nava navarrete navarro navas negro
    nevado nicolas nieto nieves nogales noguera nunez ocana ochoa olivares olivas oliver olivera oliveira olmedo olmo
    olmos orellana oria orozco ortega ortiz ortuno osorio osuna otero oviedo pablo pacheco padilla padron palacios
    palma palomares palomino palomo pardo paredes parejo parra parrado pascual pastor patino paz paz pedraza pedrosa
    pelaez pena penas peralta perales perea pereira perera perez perez pineda pinero pino pinto pizarro plaza polo
    pomares ponce pons porras portero portillo pozo prado prados prats prieto puente puerta puertas puga puig pujol
    pulido quesada quevedo quintana quintero quiroga quiros rama ramirez ramos rangel raya real rebollo recio redondo
    reina remirez requena revilla rey reyes ribas ribera ribes rico riera rincon rioja rios riquelme rivas rivera
    rivero robledo robles roca rocha roche roda rodenas rodrigo rodriguez roig rojas rojo roldan roman romera romero
    ros rosa rosales rosell roselló rosello rossi rovira royo rubio rueda ruiz rus saavedra saenz saez sainz sala
    salamanca salas salazar salcedo saldana salgado salguero salinas salmeron salvador samper sampedro san sancha
    sanchez sanchis sancho sandoval sanmartin santamaria santana santiago santos sanz sarabia sarmiento sastre
    saura segarra segovia segura sepulveda serna serra serrano sevilla sevillano sierra silva simo simon sola solano
    solana soler solis soriano sosa soto sotelo suarez tapia tejada tejedor tejero tello tena teruel toledano toledo
    tomas tomas tormo toro torralba torre torrecilla torregrosa torrejon torrens torrent torres tortosa toscano
    tovar trejo trigo trillo trujillo ubeda ugarte uria uribe urrutia valdes valencia valenzuela valera valero valle
    vallejo valles valverde vaquero varas varela vargas vazquez vega velasco velazquez velez vera verdu vergara vicens
    vicente vidal vila vilches villa villalba villalobos villalon villanueva villar villarreal villarroel villegas
    viñas vinas yague yanez yuste zabala zafra zambrano zamora zamorano zapata zarate zaragoza zavala zorrilla zubiri
    zuniga
""")
# No person's name begins or goes on with these.
NO_NAME = _set("""
    servicio servicios seccion unidad hospital hospitalario hospitalaria clinica clinico centro complejo departamento
    dpto dept facultad universidad instituto fundacion consorcio calle avenida avda av plaza plza paseo pso carretera
    ctra camino ronda glorieta travesia urbanizacion apartado carrer passeig email e-mail mail correo telefono tel tfno
    tlf tfn fax nocol nºcol n.ºcol ncol col colegiado espana spain mexico cuba chile argentina colombia medico
    especialidad urgencias cirugia medicina area jefe residente adjunto sexo edad fecha nhc nass cipa cip dni nie nif
    cp domicilio localidad provincia pais episodio datos informe historia antecedentes motivo apellidos nombre
    diagnostico tratamiento exploracion evolucion gerencia direccion c/ policlinica sanatorio division gabinete
    enfermeria enfermero enfermera paciente varon mujer hombre ingreso consulta consultas alta no el la los las un una
    se en con por para sin al del que su lo ante tras desde y o
""")
DEPARTMENT = _set("""
    servicio servicios seccion sec unidad departamento dpto dto dept department area division jefe jefa medico medica
    adjunto residente especialista facultativo facultad catedra cirugia medicina oral maxilofacial maxilo-facial
    plastica
    estetica reconstructiva reconstructora reparadora interna intensiva intensivos cuidados criticos pediatria
    pediatrica
    pediatricos infantil urgencias digestivo digestiva aparato general vascular toracica cardiaca cardiovascular
    ortopedica nuclear preventiva legal forense anatomia patologica patologia clinica clinico microbiologia bioquimica
    analisis clinicos farmacia endocrinologia nutricion dietetica radiodiagnostico radiologia rehabilitacion reanimacion
    fisica familiar comunitaria enfermedades infecciosas infecciosos respiratorio neumologia obstetricia ginecologia
    trasplante trasplantes hepatico renal quemados quemados mama raquis columna cabeza cuello tropical dolor paliativos
    laboratorio genetica genomica diagnostico imagen por hospitalizacion domicilio neonatos neonatal neonatales salud
    mental psiquiatria odontologia estomatologia bucal bucofacial implantologia periodoncia postgrado master profesor
    profesora titular asociado coordinador director directora investigacion ciencias uci ucip hemodialisis dialisis
    correo electronico email e-mail mail telefono tel tfno tlf tfn fax tlfn movil cirujano urologo doctor doctora dr dra
    remitido responsable contacto direccion correspondencia para autor consultorio consultas externas privada practica
    grupo equipo oncologica oncologico base craneo retina cornea glaucoma hombro mano rodilla pie hipertension marfan
    microcirugia neurocirugia enfermeria nota informacion telf tratamiento gestion docente medicinal prevencion planta
    prof articulo trabajo recibido aceptado conflicto intereses laboratorial ext extension spain despacho edificio
    internista universidad universitat universidade instituto escuela sala laboratorios espana spain mexico cuba chile
    argentina colombia venezuela peru uruguay ecuador portugal italia francia brasil brazil republica bolivia paraguay
    nicaragua panama espanha costarica guatemala honduras usa alemania belgica suiza turquia
""")
DEPARTMENT_ENDINGS = ("logia", "iatria", "logica", "logico", "logo", "loga", "opedia", "erapia", "gicas", "alergia",
                      "estesia", "metria", "scopia", "grafia", "iatra", "logicas", "fisiologia", "tomia")
# Provinces, regions and the best known towns, as they are written.
PLACES = frozenset(place for place in re.split(r"\|\s*", """
    Albacete|Alicante|Almería|Asturias|Ávila|Badajoz|Baleares|Barcelona|Burgos|Cáceres|Cádiz|Cantabria|
    Castellón|Ciudad Real|Córdoba|Cuenca|Gerona|Girona|Granada|Guadalajara|Guipúzcoa|Gipuzkoa|Huelva|
    Huesca|Jaén|La Coruña|A Coruña|Coruña|La Rioja|Las Palmas|León|Lérida|Lleida|Lugo|Madrid|Málaga|
    Melilla|Ceuta|Murcia|Navarra|Orense|Ourense|Palencia|Pontevedra|Salamanca|Santa Cruz de Tenerife|
    Tenerife|Segovia|Sevilla|Soria|Tarragona|Teruel|Toledo|Valencia|Valladolid|Vizcaya|Bizkaia|Zamora|
    Zaragoza|Álava|Araba|Andalucía|Aragón|Canarias|Cataluña|Extremadura|Galicia|Euskadi|País Vasco|
    Castilla y León|Castilla-La Mancha|Castilla La Mancha|Mallorca|Menorca|Ibiza|Lanzarote|Fuerteventura|
    Gran Canaria|La Palma|Bilbao|Vigo|Gijón|Oviedo|Santander|Pamplona|San Sebastián|Donostia|Vitoria|
    Logroño|Santiago de Compostela|Jerez de la Frontera|Getafe|Leganés|Móstoles|Alcorcón|Fuenlabrada|
    Alcalá de Henares|Elche|Cartagena|Sabadell|Terrassa|Badalona|Hospitalet|Majadahonda|La Habana|Bogotá|
    Ciudad de México|Distrito Federal|Buenos Aires|Santiago de Chile|Lima|Caracas|Montevideo|Quito|Londres|
    Nueva York|París|Lisboa|Milán|Nápoles|Marrakech|Casablanca|Rabat|Tánger|Ginebra|Bruselas|Múnich|
    Moscú
""".strip()))
# Places that are also surnames or words: they need a word that places are spoken of with.
WORDLIKE_PLACES = _set("leon cuenca burgos segovia toledo salamanca zamora navarra soria valencia murcia cordoba "
                       "granada "
                       "lima lugo vitoria paris londres sevilla oviedo cartagena santander roma")
EPONYM_WORDS = _set("""
    sindrome sindromes enfermedad enfermedades signo signos maniobra escala indice test prueba pruebas tecnica metodo
    clasificacion criterios criterio tumor linfoma enfermedad mal fenomeno reflejo triada tetrada anemia ataxia corea
    paralisis demencia tiroiditis esofago diverticulo hernia fractura ligamento conducto trompa trompas canal celulas
    celula cuerpos cuerpo agujero foramen poligono circulo bacilo virus fiebre sarcoma carcinoma adenoma enfermedad
    purpura contractura cirugia operacion procedimiento intervencion incision catéter cateter sonda drenaje tubo score
    puntuacion cuestionario escalas estadio estadiaje grado tincion medio agar solucion sutura anastomosis protesis
    injerto colgajo protocolo formula ecuacion efecto ley teorema angulo linea lineas plano posicion punto puntos
    glandula glandulas fosa fosita placa placas nodulo nodulos mancha manchas capsula espacio haz nervio ganglio
    neuralgia quiste absceso gangrena ulcera colitis nefritis arteritis vasculitis esclerosis distrofia miopatia
    neuropatia encefalopatia insulinoma facies mioclonia nevus melanoma osteotomia consenso acuerdo declaracion
    asa gen proteina factor anticuerpo inyector pinza pinzas aguja trocar clip malformacion anomalia deformidad
    complejo secuencia asociacion tetralogia pentalogia apendice valvula tecnica tecnicas abordaje via
    histiocitosis amaurosis retinosis osteocondritis gastrectomia reconstruccion derivacion ley bomba
""")
